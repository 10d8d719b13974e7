#include "read/xml.h"

#include <pthread.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "file/place.h"
#include "read/sieve.h"

#define REPAIRABLE "a character that XML forbids; repairing makes it visible"
#define CUT_OFF	   "the report is cut off"
#define MALFORMED  "not well-formed: "
#define UNESCAPED \
	MALFORMED "\"<\" or \"&\" stands for itself, and has to be escaped"
#define NO_NUMBER    MALFORMED "a character's number is none"
#define NO_ATTRIBUTE MALFORMED "an attribute has no value in quotes"
#define DECLARATION  MALFORMED "the XML declaration has not its form"

struct parse {
	const struct rj_source *src;
	const struct rj_xml_handler *handler;
	void *ctx;
	struct rejunit_error *err;
	enum rejunit_status status; /* what stopped us, if not libxml2 */

	xmlParserCtxtPtr xml;
	const xmlChar *tags[RJ_TAGS]; /* in the parser's dictionary */
	const xmlChar *attrs[RJ_ATTRS];
	unsigned int depth;
	bool empty; /* the start tag just seen has no end tag */
	bool failed; /* libxml2 said why */

	struct rj_sieve *sieve;
	uint64_t end; /* of an empty element's tag */
};

static void
stop(struct parse *p, enum rejunit_status status)
{
	p->status = status;
	xmlStopParser(p->xml);
}

static int
fill(void *ctx, char *out, int room)
{
	struct parse *p = ctx;
	int n;

	/* after an error there are no more callbacks to wait for */
	if (p->status || p->failed)
		return -1;
	n = rj_sieve_read(p->sieve, out, room);
	if (n < 0)
		p->status = rj_sieve_status(p->sieve);
	return n;
}

/* In what the parser was given. */
static uint64_t
offset(const struct parse *p)
{
	const xmlParserInput *in = p->xml->input;

	return (uint64_t)in->consumed + (uint64_t)(in->cur - in->base);
}

/* Steps back to the "<" of the tag that the parser has just read. */
static const xmlChar *
tag_start(const struct parse *p)
{
	const xmlParserInput *in = p->xml->input;
	const xmlChar *s = in->cur;

	/* the parser itself may stand at the next one */
	while (s > in->base && *--s != '<')
		continue;
	return s;
}

static enum rj_tag
known_tag(const struct parse *p, const xmlChar *name)
{
	for (int i = RJ_OTHER + 1; i < RJ_TAGS; i++)
		if (p->tags[i] == name)
			return (enum rj_tag)i;
	return RJ_OTHER;
}

/* libxml2 gives five pointers: name, prefix, URI, value and its end. */
static void
read_attributes(
    const struct parse *p, struct rj_element *e, int n, const xmlChar **attrs)
{
	for (const xmlChar **a = attrs; n > 0; n--, a += 5) {
		if (a[1])
			continue;
		for (int i = 0; i < RJ_ATTRS; i++) {
			if (p->attrs[i] != a[0])
				continue;
			e->attr[i] = (struct rj_str){ (const char *)a[3],
				(size_t)(a[4] - a[3]) };
			break;
		}
	}
}

static struct rj_str
xml_str(const xmlChar *s)
{
	return rj_str((const char *)s);
}

bool
rj_next_attribute(const struct rj_element *e, int *step, struct rj_str *prefix,
    struct rj_str *name, struct rj_str *value)
{
	const xmlChar *const *a = e->attributes;

	if (*step >= e->n_attributes)
		return false;
	a += 5 * (size_t)(*step)++;
	*name = xml_str(a[0]);
	*prefix = xml_str(a[1]);
	*value = (struct rj_str){ (const char *)a[3], (size_t)(a[4] - a[3]) };
	return true;
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int namespaces, const xmlChar **nss, int attributes,
    int defaulted, const xmlChar **attrs)
{
	struct parse *p = ctx;
	const xmlParserInput *in = p->xml->input;
	const xmlChar *from = tag_start(p), *s;
	struct rj_element e;
	const char *what = NULL;
	unsigned long skipped;

	(void)prefix;
	(void)uri;
	(void)nss;
	(void)defaulted;
	if (p->status)
		return;
	p->depth++;
	p->empty = *in->cur == '/';
	if (*from != '<' || (uint64_t)(in->cur - from) > RJ_MAX_TAG)
		what = "a tag is too long";
	else if (p->depth > RJ_MAX_DEPTH)
		what = "elements are nested too deeply";
	else if (attributes + namespaces > RJ_MAX_ATTRIBUTES)
		what = "an element has too many attributes";
	else if (xmlDictSize(p->xml->dict) > RJ_MAX_NAMES)
		what = "too many different names of elements and attributes";
	e.at = rj_sieve_place(
	    p->sieve, offset(p) - (uint64_t)(in->cur - from), &skipped);
	if (what) {
		unsigned long line = 1, column = 1;

		rj_source_place(p->src, e.at, &line, &column);
		stop(p, rj_fail_at(p->err, REJUNIT_INPUT, p->src->name, line,
			    column, "%s", what));
		return;
	}
	e.tag = known_tag(p, name);
	e.empty = p->empty;
	e.depth = p->depth;
	e.name = (const char *)name;
	e.attributes = attrs;
	e.n_attributes = attributes;
	e.lasts = false;
	e.end = e.at + (uint64_t)(in->cur - from) + (p->empty ? 2 : 1);
	p->end = e.end;
	e.line = (unsigned long)in->line + skipped;
	for (s = from; (s = memchr(s, '\n', (size_t)(in->cur - s))); s++)
		e.line--;
	if (e.tag != RJ_OTHER) {
		memset(e.attr, 0, sizeof(e.attr));
		read_attributes(p, &e, attributes, attrs);
	}
	p->status = p->handler->start(p->ctx, &e, p->err);
	if (p->status)
		xmlStopParser(p->xml);
}

static void
on_end(
    void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct parse *p = ctx;
	struct rj_span span;
	unsigned long skipped;
	uint64_t n;

	(void)name;
	(void)prefix;
	(void)uri;
	if (p->status)
		return;
	span.at = span.end = p->end;
	if (!p->empty) {
		n = (uint64_t)(p->xml->input->cur - tag_start(p));
		span.at = rj_sieve_place(p->sieve, offset(p) - n, &skipped);
		span.end = span.at + n;
	}
	p->empty = false;
	p->depth--;
	p->status = p->handler->end(p->ctx, span, p->err);
	if (p->status)
		xmlStopParser(p->xml);
}

/* Here stood cases that were spared the parser. */
static void
on_instruction(void *ctx, const xmlChar *target, const xmlChar *data)
{
	struct parse *p = ctx;
	struct rj_element e;
	struct rj_span span;
	bool more = true;

	(void)data;
	if (p->status || !rj_sieve_is_token(p->sieve, (const char *)target))
		return;
	memset(&e, 0, sizeof(e));
	e.depth = p->depth + 1;
	while (more && !p->status) {
		size_t passed = rj_sieve_next(p->sieve,
		    (unsigned long)p->xml->input->line, &e, &span, &more);

		if (passed) {
			p->handler->passed(p->ctx, e.depth, passed, span);
			continue;
		}
		p->status = p->handler->start(p->ctx, &e, p->err);
		if (!p->status)
			p->status = p->handler->end(p->ctx, span, p->err);
	}
	if (p->status)
		xmlStopParser(p->xml);
}

static void
on_text(void *ctx, const xmlChar *s, int n)
{
	struct parse *p = ctx;

	for (int i = 0; i < n; i++)
		if (!rj_is_blank((char)s[i])) {
			p->handler->text(
			    p->ctx, (unsigned long)p->xml->input->line);
			return;
		}
}

static void
on_doctype(void *ctx, const xmlChar *name, const xmlChar *public_id,
    const xmlChar *system_id)
{
	struct parse *p = ctx;

	(void)public_id;
	(void)system_id;
	if (p->status)
		return;
	if (p->handler->doctype)
		p->handler->doctype(p->ctx, (const char *)name);
	stop(p, rj_fail_at(p->err, REJUNIT_INPUT, p->src->name,
		    (unsigned long)p->xml->input->line,
		    (unsigned long)p->xml->input->col,
		    "has a DOCTYPE, which no test report needs"));
}

/* The markup at which the parser stands has no end. */
static bool
is_cut_off(const struct parse *p)
{
	const xmlParserInput *in = p->xml->input;
	size_t rest = (size_t)(in->end - in->cur);
	unsigned long skipped;

	return !memchr(in->cur, '>', rest) &&
	       rj_sieve_place(p->sieve, offset(p) + rest, &skipped) >=
		   p->src->size;
}

/*
 * What a person can do about it. The words are ours, for those of libxml2
 * change from one version to the next.
 */
static const char *
words(const struct parse *p, int code)
{
	static const struct {
		int code;
		const char *words;
	} table[] = {
		{ XML_ERR_DOCUMENT_EMPTY, "not an XML document" },
		{ XML_ERR_DOCUMENT_END,
		    "more stands behind the root element; several reports in "
		    "one file have to be split" },
		{ XML_ERR_OK, CUT_OFF },
		{ XML_ERR_RESERVED_XML_NAME,
		    "an XML declaration that is not at the beginning; several "
		    "reports in one file have to be split" },
		{ XML_ERR_INVALID_CHAR, REPAIRABLE },
		{ XML_ERR_INVALID_CHARREF, REPAIRABLE },
		{ XML_ERR_INVALID_ENCODING, REPAIRABLE },
		{ XML_ERR_MISPLACED_CDATA_END,
		    "\"]]>\" stands in plain text, or ended a CDATA section "
		    "early" },
		{ XML_ERR_TAG_NAME_MISMATCH,
		    MALFORMED "an end tag is not that of the last element that "
			      "was opened" },
		{ XML_ERR_TAG_NOT_FINISHED, CUT_OFF },
		{ XML_ERR_CDATA_NOT_FINISHED, CUT_OFF },
		{ XML_ERR_COMMENT_NOT_FINISHED, CUT_OFF },
		{ XML_ERR_PI_NOT_FINISHED, CUT_OFF },
		{ XML_ERR_NAME_REQUIRED, UNESCAPED },
		{ XML_ERR_ENTITYREF_SEMICOL_MISSING, UNESCAPED },
		{ XML_ERR_UNDECLARED_ENTITY,
		    MALFORMED "an entity that XML does not know" },
		{ XML_ERR_INVALID_HEX_CHARREF, NO_NUMBER },
		{ XML_ERR_INVALID_DEC_CHARREF, NO_NUMBER },
		{ XML_ERR_LT_IN_ATTRIBUTE,
		    MALFORMED "\"<\" stands in the value of an attribute, or a "
			      "quote is missing" },
		{ XML_ERR_SPACE_REQUIRED, NO_ATTRIBUTE },
		{ XML_ERR_ATTRIBUTE_NOT_STARTED, NO_ATTRIBUTE },
		{ XML_ERR_ATTRIBUTE_NOT_FINISHED, NO_ATTRIBUTE },
		{ XML_ERR_ATTRIBUTE_WITHOUT_VALUE, NO_ATTRIBUTE },
		{ XML_ERR_ATTRIBUTE_REDEFINED,
		    MALFORMED "an attribute stands twice in one tag" },
		{ XML_ERR_GT_REQUIRED, MALFORMED "a tag does not end" },
		{ XML_ERR_HYPHEN_IN_COMMENT,
		    MALFORMED "\"--\" stands in a comment" },
		{ XML_ERR_NAME_TOO_LONG, "a name is too long" },
		{ XML_ERR_XMLDECL_NOT_FINISHED, DECLARATION },
		{ XML_ERR_VERSION_MISSING, DECLARATION },
		{ XML_ERR_UNKNOWN_VERSION, DECLARATION },
		{ XML_ERR_STANDALONE_VALUE, DECLARATION },
	};

	if (!p->xml || !p->xml->input)
		return "not well-formed";
	/* versions take a NUL for the end, and "?>" for an attribute */
	if (p->xml->input->cur < p->xml->input->end && !*p->xml->input->cur)
		return REPAIRABLE;
	if (code == XML_ERR_SPACE_REQUIRED && tag_start(p)[1] == '?')
		code = XML_ERR_XMLDECL_NOT_FINISHED;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].code == code ||
		    (table[i].code == XML_ERR_OK && is_cut_off(p)))
			return table[i].words;
	return "not well-formed";
}

/* Constant since libxml2 2.12. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *error_ptr;
#else
typedef xmlErrorPtr error_ptr;
#endif

/* Keeps the first thing that makes the document unacceptable. */
static void
on_error(void *ctx, error_ptr e)
{
	struct parse *p = ctx;

	if (p->status || p->failed || e->level < XML_ERR_FATAL)
		return;
	p->failed = true;
	if (e->code == XML_ERR_NO_MEMORY) {
		rj_fail_memory(p->err);
		return;
	}
	rj_fail_at(p->err, REJUNIT_INPUT, p->src->name,
	    e->line > 0 ? (unsigned long)e->line : 1,
	    e->int2 > 0 ? (unsigned long)e->int2 : 1, "%s", words(p, e->code));
}

/* Without memory libxml2 prints, before it has anybody to tell. */
static void
say_nothing(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

static enum rejunit_status
set_up(struct parse *p, xmlSAXHandler *sax)
{
	p->xml = xmlCreateIOParserCtxt(
	    sax, p, fill, NULL, p, XML_CHAR_ENCODING_NONE);
	if (!p->xml)
		return rj_fail_memory(p->err);
	/* the source has seen to the encoding, whatever the report declares */
	if (xmlCtxtUseOptions(p->xml, XML_PARSE_HUGE | XML_PARSE_NONET |
					  XML_PARSE_NOENT |
					  XML_PARSE_IGNORE_ENC) != 0)
		return rj_fail(p->err, REJUNIT_INPUT,
		    "this libxml2 does not know an option that is needed");
	for (int i = RJ_OTHER + 1; i < RJ_TAGS; i++) {
		p->tags[i] = xmlDictLookup(
		    p->xml->dict, (const xmlChar *)rj_tag_names[i], -1);
		if (!p->tags[i])
			return rj_fail_memory(p->err);
	}
	for (int i = 0; i < RJ_ATTRS; i++) {
		p->attrs[i] = xmlDictLookup(
		    p->xml->dict, (const xmlChar *)rj_attr_names[i], -1);
		if (!p->attrs[i])
			return rj_fail_memory(p->err);
	}
	return REJUNIT_OK;
}

static enum rejunit_status
run(struct parse *p)
{
	unsigned long skipped;

	(void)xmlParseDocument(p->xml);
	if (p->status)
		return p->status;
	if (p->failed)
		return p->err->status;
	/* a NUL ends what libxml2 reads, and is no end */
	p->failed =
	    p->xml->wellFormed && p->depth == 0 &&
	    rj_sieve_place(p->sieve, offset(p), &skipped) < p->src->size;
	if (p->failed)
		return rj_fail_at(p->err, REJUNIT_INPUT, p->src->name,
		    (unsigned long)p->xml->input->line,
		    (unsigned long)p->xml->input->col,
		    "a NUL stands behind the root element");
	if (p->xml->wellFormed && p->depth == 0 && !p->xml->input->buf->encoder)
		return REJUNIT_OK;
	return rj_fail_at(
	    p->err, REJUNIT_INPUT, p->src->name, 1, 1, "not an XML document");
}

static enum rejunit_status
parse(const struct rj_source *src, const struct rj_xml_handler *handler,
    void *ctx, bool spare, bool *spared, struct rejunit_error *err)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.internalSubset = on_doctype,
		.serror = on_error,
	};
	const struct rj_skip skip = { handler->skip, ctx };
	struct parse p = {
		.src = src,
		.handler = handler,
		.ctx = ctx,
		.err = err,
		.sieve =
		    rj_sieve_new(src, spare, handler->skip ? &skip : NULL, err),
	};

	*spared = false;
	if (!p.sieve)
		return rj_fail_memory(err);
	if (spare)
		sax.processingInstruction = on_instruction;
	if (handler->text)
		sax.characters = sax.cdataBlock = on_text;
	p.status = set_up(&p, &sax);
	if (!p.status)
		p.status = run(&p);
	*spared = p.failed && rj_sieve_has_spared(p.sieve);
	if (p.xml)
		xmlFreeParserCtxt(p.xml);
	rj_sieve_free(p.sieve);
	return p.status;
}

static enum rejunit_status
ignore_start(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	(void)ctx;
	(void)e;
	(void)err;
	return REJUNIT_OK;
}

static enum rejunit_status
ignore_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	(void)ctx;
	(void)span;
	(void)err;
	return REJUNIT_OK;
}

/* What it prints belongs to nobody, also where it cannot even begin. */
static void
initialise(void)
{
	xmlGenericErrorFunc print = xmlGenericError;
	void *print_ctx = xmlGenericErrorContext;

	xmlSetGenericErrorFunc(NULL, say_nothing);
	xmlInitParser();
	xmlSetGenericErrorFunc(print_ctx, print);
}

enum rejunit_status
rj_xml_parse(const struct rj_source *src, const struct rj_xml_handler *handler,
    void *ctx, struct rejunit_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static const struct rj_xml_handler nobody = {
		.start = ignore_start,
		.end = ignore_end,
	};
	struct rejunit_error own = { 0 };
	enum rejunit_status status;
	xmlGenericErrorFunc print;
	void *print_ctx;
	bool spared;

	if (src->size == 0)
		return rj_fail_at(
		    err, REJUNIT_INPUT, src->name, 1, 1, "is empty");
	if (!err)
		err = &own;
	/* before 2.14 its own initialisation is no affair for two threads */
	pthread_once(&once, initialise);
	/* this thread's; whoever calls us may have set it */
	print = xmlGenericError;
	print_ctx = xmlGenericErrorContext;
	xmlSetGenericErrorFunc(NULL, say_nothing);
	status = parse(
	    src, handler, ctx, !handler->plain && !handler->text, &spared, err);
	/* where exactly it is wrong, only the plain way can say */
	if (status == REJUNIT_INPUT && spared &&
	    parse(src, &nobody, NULL, false, &spared, err) == REJUNIT_MEMORY)
		status = REJUNIT_MEMORY;
	xmlSetGenericErrorFunc(print_ctx, print);
	return status;
}
