#include "file/encoding.h"

#include <errno.h>
#include <string.h>

#include "file/charset.h"

#define CHUNK 16384

/* A mark may hold a NUL. */
#define RJ_MARK(literal)                       \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

/* The value of encoding= in an XML declaration; absent without one. */
static struct rj_str
declared_encoding(struct rj_str head)
{
	const struct rj_str none = { NULL, 0 }, word = RJ_STR("encoding");
	struct rj_str rest;
	const char *end;
	char quote;

	if (rj_str_starts(head, RJ_STR("\xef\xbb\xbf")))
		head = (struct rj_str){ head.s + 3, head.n - 3 };
	if (!rj_str_starts(head, RJ_STR("<?xml")))
		return none;
	end = memchr(head.s, '>', head.n);
	if (!end)
		return none;
	rest = (struct rj_str){ head.s + 5, (size_t)(end - head.s) - 5 };
	while (rest.n && !rj_str_starts(rest, word))
		rest = (struct rj_str){ rest.s + 1, rest.n - 1 };
	if (!rest.n)
		return none;
	rest = (struct rj_str){ rest.s + word.n, rest.n - word.n };
	while (rest.n && strchr(" \t\r\n=", rest.s[0]))
		rest = (struct rj_str){ rest.s + 1, rest.n - 1 };
	if (!rest.n || (rest.s[0] != '"' && rest.s[0] != '\''))
		return none;
	quote = rest.s[0];
	rest = (struct rj_str){ rest.s + 1, rest.n - 1 };
	end = memchr(rest.s, quote, rest.n);
	if (!end)
		return none;
	return (struct rj_str){ rest.s, (size_t)(end - rest.s) };
}

static bool
starts_any(struct rj_str s, const char *const *prefixes)
{
	for (; *prefixes; prefixes++) {
		struct rj_str p = rj_str(*prefixes);

		if (s.n >= p.n && rj_str_ieq((struct rj_str){ s.s, p.n }, p))
			return true;
	}
	return false;
}

/* What the bytes themselves show, before anything can be declared. */
static struct rj_str
shown_encoding(struct rj_str head)
{
	static const struct {
		struct rj_str mark;
		const char *encoding;
	} marks[] = {
		{ RJ_MARK("\xff\xfe\0\0"), "UTF-32LE" },
		{ RJ_MARK("\0\0\xfe\xff"), "UTF-32BE" },
		{ RJ_MARK("\xff\xfe"), "UTF-16LE" },
		{ RJ_MARK("<\0?\0"), "UTF-16LE" },
		{ RJ_MARK("\xfe\xff"), "UTF-16BE" },
		{ RJ_MARK("\0<\0?"), "UTF-16BE" },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (rj_str_starts(head, marks[i].mark))
			return rj_str(marks[i].encoding);
	return (struct rj_str){ NULL, 0 };
}

static bool
is_utf8(struct rj_str name)
{
	return rj_str_ieq(name, RJ_STR("utf-8")) ||
	       rj_str_ieq(name, RJ_STR("utf8"));
}

static bool
is_valid_name(struct rj_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
			    "yz0123456789._-:",
			name.s[i]))
			return false;
	return true;
}

enum rejunit_status
rj_encoding_find(const char *name, struct rj_str head, struct rj_str *encoding,
    struct rejunit_error *err)
{
	/* two bytes a character or more: not what the declaration is in */
	static const char *const wide[] = { "utf-16", "utf16", "ucs", "utf-32",
		"utf32", "iso-10646", NULL };
	/* text spliced between two of their states would be read wrongly */
	static const char *const stateful[] = { "iso-2022", "iso2022", "csiso",
		"utf-7", "utf7", "hz", "cp5022", "ebcdic", NULL };
	struct rj_str said = declared_encoding(head);

	*encoding = shown_encoding(head);
	if (encoding->n || !said.n || is_utf8(said) ||
	    rj_str_starts(head, RJ_STR("\xef\xbb\xbf")))
		return REJUNIT_OK;
	if (!is_valid_name(said))
		return rj_fail_at(err, REJUNIT_INPUT, name, 1, 1,
		    "the declared encoding has no valid name");
	if (starts_any(said, wide))
		return rj_fail_at(err, REJUNIT_INPUT, name, 1, 1,
		    "declares the encoding %.*s, and its bytes are not",
		    (int)said.n, said.s);
	if (starts_any(said, stateful))
		return rj_fail_at(err, REJUNIT_INPUT, name, 1, 1,
		    "the encoding %.*s is not supported", (int)said.n, said.s);
	*encoding = said;
	return REJUNIT_OK;
}

/* Counts lines in what was decoded, to say where the decoder stopped. */
struct place {
	unsigned long line;
	unsigned long column;
};

static void
count(struct place *p, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n') {
			p->line++;
			p->column = 1;
		} else if (((unsigned char)s[i] & 0xc0) != 0x80) {
			p->column++;
		}
	}
}

static enum rejunit_status
decode_with(
    struct rj_source *src, struct rj_charset *cs, struct rejunit_error *err)
{
	char in[CHUNK], out[CHUNK * 2];
	struct place place = { 1, 1 };
	enum rejunit_status status = REJUNIT_OK;
	size_t left = 0, n;
	uint64_t at = 0;

	while (!status) {
		char *ip = in, *op = out;
		size_t il, ol = sizeof(out);
		bool bad;

		status = rj_source_read_some(
		    src, at, in + left, sizeof(in) - left, &n, err);
		at += n;
		il = left + n;
		if (status || il == 0)
			break;
		bad =
		    rj_charset_convert(cs, &ip, &il, &op, &ol) == (size_t)-1 &&
		    (errno == EILSEQ || (errno == EINVAL && n == 0));
		count(&place, out, (size_t)(op - out));
		if (bad)
			return rj_fail_at(err, REJUNIT_INPUT, src->name,
			    place.line, place.column,
			    "byte 0x%02x is not %s, which the report says it "
			    "is in",
			    (unsigned int)(unsigned char)*ip, src->encoding);
		status = rj_source_keep(src, out, (size_t)(op - out), err);
		src->size += (uint64_t)(op - out);
		memmove(in, ip, il);
		left = il;
	}
	return status;
}

enum rejunit_status
rj_source_decode(struct rj_source *src, struct rejunit_error *err)
{
	struct rj_charset *cs = rj_charset_open(src->encoding, true);
	enum rejunit_status status;

	if (!cs && errno == ENOMEM)
		return rj_fail_memory(err);
	if (!cs)
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 1, 1,
		    "the encoding %s is not known here", src->encoding);
	status = rj_source_begin_kept(src, &src->text, err);
	if (!status)
		status = decode_with(src, cs, err);
	rj_charset_close(cs);
	return status;
}

enum rejunit_status
rj_raw_seek(struct rj_raw *raw, const struct rj_source *src, uint64_t utf,
    struct rejunit_error *err)
{
	char in[4096], out[4096];

	if (!src->encoding) {
		raw->at = raw->utf = utf;
		return REJUNIT_OK;
	}
	if (!raw->decoder)
		raw->decoder = rj_charset_open(src->encoding, true);
	if (!raw->decoder)
		return rj_fail_memory(err);
	while (raw->utf < utf) {
		char *ip = in, *op = out;
		size_t il, ol = sizeof(out);
		enum rejunit_status status =
		    rj_source_read_some(src, raw->at, in, sizeof(in), &il, err);

		if (status)
			return status;
		if (ol > utf - raw->utf)
			ol = (size_t)(utf - raw->utf);
		/* stops behind the last character that has room: there we are
		 */
		(void)rj_charset_convert(raw->decoder, &ip, &il, &op, &ol);
		if (op == out)
			return rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
			    "changed while it was being read");
		raw->at += (uint64_t)(ip - in);
		raw->utf += (uint64_t)(op - out);
	}
	return REJUNIT_OK;
}

void
rj_raw_close(struct rj_raw *raw)
{
	rj_charset_close(raw->decoder);
	*raw = (struct rj_raw){ 0 };
}
