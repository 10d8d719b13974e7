#include "quarantine/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "history/clock.h"
#include "list/signature.h"
#include "model/identity.h"

#define MOST_EXCUSED 10
#define TEXT_MAX     ((size_t)64 * 1024 * 1024)

/* --- the file ------------------------------------------------------------ */

static enum rejunit_status
read_all(
    int fd, struct rj_buf *text, const char *path, struct rejunit_error *err)
{
	for (;;) {
		ssize_t n;

		if (text->n > TEXT_MAX)
			return rj_fail_at(err, REJUNIT_INPUT, path, 0, 0,
			    "is too long for a list of tests");
		if (!rj_buf_reserve(text, 65536))
			return rj_fail_memory(err);
		n = read(fd, text->s + text->n, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rj_fail_errno(
			    err, REJUNIT_INPUT, path, "cannot be read");
		if (n == 0)
			return REJUNIT_OK;
		text->n += (size_t)n;
	}
}

static enum rejunit_status
read_file(struct rj_quarantine *q, const char *path, bool may_be_new,
    struct rejunit_error *err)
{
	struct rj_buf text = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum rejunit_status status;

	if (fd < 0 && may_be_new && errno == ENOENT) {
		q->text = RJ_STR("");
		return REJUNIT_OK;
	}
	if (fd < 0)
		return rj_fail_errno(
		    err, REJUNIT_INPUT, path, "cannot be opened");
	status = read_all(fd, &text, path, err);
	(void)close(fd);
	if (!status && !rj_alloc_str(&q->arena,
			   text.s ? rj_buf_str(&text) : RJ_STR(""), &q->text))
		status = rj_fail_memory(err);
	rj_buf_free(&text);
	return status;
}

/* --- attributes ---------------------------------------------------------- */

struct parsing {
	struct rj_quarantine *q;
	struct rejunit_error *err;
	unsigned long number; /* of the line */
	size_t begins; /* the comment that says whose the next one is */
	struct rj_listed next;
};

static enum rejunit_status
refuse(const struct parsing *p, size_t column, const char *why)
{
	return rj_fail_at(p->err, REJUNIT_INPUT, p->q->path, p->number,
	    (unsigned long)column, "%s", why);
}

static size_t
end_of_word(struct rj_str s)
{
	size_t n = 0;

	while (n < s.n && s.s[n] != ' ' && s.s[n] != '\t')
		n++;
	return n;
}

/* Up to a blank, or what stands between quotes. */
static struct rj_str
take_value(struct rj_str *rest, bool *ends)
{
	struct rj_str value = *rest;
	bool quoted = rest->n && rest->s[0] == '"';
	size_t n;

	if (quoted)
		value = rj_str_from(value, 1);
	n = quoted ? rj_str_find(value, RJ_STR("\"")) : end_of_word(value);
	*ends = !quoted || n < value.n;
	*rest = rj_str_from(value, n < value.n ? n + 1 : n);
	return (struct rj_str){ value.s, n };
}

static bool
read_day(struct rj_str s, int64_t *day)
{
	char text[40];
	int64_t at;

	if (s.n != 10)
		return false;
	memcpy(text, s.s, 10);
	memcpy(text + 10, "T00:00:00Z", 11);
	if (!rj_clock_read(rj_str(text), &at))
		return false;
	*day = at / RJ_DAY;
	rj_clock_write(at, text);
	/* a day that its month does not have is none */
	return memcmp(text, s.s, 10) == 0;
}

static enum rejunit_status
take_signatures(struct parsing *p, struct rj_str value, size_t column)
{
	struct rj_listed *e = &p->next;

	do {
		size_t n = rj_str_find(value, RJ_STR(","));

		if (e->signatures == RJ_SIGNATURES_MAX)
			return refuse(p, column,
			    "there are eight signatures "
			    "at most");
		if (!rj_is_signature((struct rj_str){ value.s, n }))
			return refuse(p, column,
			    "a signature is v1: or v2: and 16 digits");
		e->signature[e->signatures++] = (struct rj_str){ value.s, n };
		value = rj_str_from(value, n < value.n ? n + 1 : n);
	} while (value.n);
	return REJUNIT_OK;
}

static enum rejunit_status
take_attribute(
    struct parsing *p, struct rj_str name, struct rj_str value, size_t column)
{
	struct rj_listed *e = &p->next;

	if (rj_str_ieq(name, RJ_STR("until"))) {
		e->until = value;
		return read_day(value, &e->last_day)
			   ? REJUNIT_OK
			   : refuse(
				 p, column, "until takes a day, as 2026-12-31");
	}
	if (rj_str_ieq(name, RJ_STR("signature")))
		return take_signatures(p, value, column);
	if (rj_str_ieq(name, RJ_STR("owner")))
		e->owner = value;
	else if (rj_str_ieq(name, RJ_STR("why")))
		e->why = value;
	else if (rj_str_ieq(name, RJ_STR("by")))
		e->by = value;
	return REJUNIT_OK;
}

/* name=value, wherever it stands in a comment. */
static enum rejunit_status
take_attributes(struct parsing *p, struct rj_str line)
{
	struct rj_str rest = rj_str_from(line, 1);
	enum rejunit_status status = REJUNIT_OK;

	while (rest.n && !status) {
		size_t n = 0;

		if (rest.s[0] == ' ' || rest.s[0] == '\t') {
			rest = rj_str_from(rest, 1);
			continue;
		}
		while (n < rest.n && rj_ascii_lower(rest.s[n]) >= 'a' &&
		       rj_ascii_lower(rest.s[n]) <= 'z')
			n++;
		if (n && n < rest.n && rest.s[n] == '=') {
			struct rj_str name = { rest.s, n }, value;
			size_t column;
			bool ends;

			rest = rj_str_from(rest, n + 1);
			value = take_value(&rest, &ends);
			column = (size_t)(name.s - line.s) + 1;
			status =
			    ends ? take_attribute(p, name, value, column)
				 : refuse(p, column, "a quote does not end");
		} else {
			rest = rj_str_from(rest, end_of_word(rest));
		}
	}
	return status;
}

/* --- lines --------------------------------------------------------------- */

static struct rj_listed
nothing_said(void)
{
	return (struct rj_listed){ .last_day = RJ_NO_DAY };
}

bool
rj_is_comment(struct rj_str line)
{
	return line.n && line.s[0] == '#' &&
	       (line.n == 1 || strchr(" \t#!", line.s[1]));
}

/* With a NUL behind it. */
static bool
copy(struct rj_quarantine *q, struct rj_str *s)
{
	return rj_alloc_str(&q->arena, *s, s);
}

static enum rejunit_status
add_entry(struct parsing *p, struct rj_str line, size_t end)
{
	struct rj_quarantine *q = p->q;
	uintptr_t known = (uintptr_t)rj_map_get(&q->ids, line);
	void *more;

	if (known) {
		char why[64];

		snprintf(why, sizeof(why), "is listed in line %lu already",
		    q->entry[known - 1].line);
		return refuse(p, 1, why);
	}
	more = rj_grown(q->entry, q->n, &q->room, sizeof(*q->entry));
	if (!more)
		return rj_fail_memory(p->err);
	q->entry = more;
	if (!rj_alloc_str(&q->arena, line, &p->next.id) ||
	    !copy(q, &p->next.until) || !copy(q, &p->next.owner) ||
	    !copy(q, &p->next.why))
		return rj_fail_memory(p->err);
	p->next.line = p->number;
	p->next.at = p->q->text.n ? (size_t)(line.s - p->q->text.s) : 0;
	p->next.from = p->next.by.s ? p->begins : p->next.at;
	p->next.end = end;
	q->entry[q->n++] = p->next;
	return rj_map_put(&q->ids, p->next.id, (void *)(uintptr_t)q->n)
		   ? REJUNIT_OK
		   : rj_fail_memory(p->err);
}

static enum rejunit_status
parse(struct parsing *p)
{
	struct rj_str all = p->q->text;
	size_t at = rj_str_starts(all, RJ_STR("\xef\xbb\xbf")) ? 3 : 0;
	enum rejunit_status status = REJUNIT_OK;

	p->next = nothing_said();
	while (at < all.n && !status) {
		struct rj_str rest = rj_str_from(all, at), line;
		size_t n = rj_str_find(rest, RJ_STR("\n"));

		line = (struct rj_str){ rest.s, n };
		at += n < rest.n ? n + 1 : n;
		p->number++;
		if (line.n && line.s[line.n - 1] == '\r')
			line.n--;
		if (rj_is_comment(line)) {
			struct rj_str by = p->next.by;

			status = take_attributes(p, line);
			if (p->next.by.s != by.s)
				p->begins = (size_t)(line.s - all.s);
			continue;
		}
		if (line.n)
			status = add_entry(p, line, at);
		p->next = nothing_said();
	}
	return status;
}

enum rejunit_status
rj_quarantine_read(struct rj_quarantine *q, const char *path, bool may_be_new,
    struct rejunit_error *err)
{
	struct parsing p = { .q = q, .err = err };
	enum rejunit_status status;
	struct rj_str copy;

	*q = (struct rj_quarantine){ .most = MOST_EXCUSED };
	if (!rj_alloc_str(&q->arena, rj_str(path), &copy))
		return rj_fail_memory(err);
	q->path = copy.s;
	status = read_file(q, path, may_be_new, err);
	return status ? status : parse(&p);
}

void
rj_quarantine_free(struct rj_quarantine *q)
{
	free(q->entry);
	rj_map_free(&q->ids);
	rj_map_free(&q->broken);
	rj_buf_free(&q->key);
	rj_arena_free(&q->arena);
	*q = (struct rj_quarantine){ .n = 0 };
}

/* --- what is seen -------------------------------------------------------- */

/* A test by its names, as histories have them. */
static bool
make_key(struct rj_quarantine *q, struct rj_str classname, struct rj_str name)
{
	q->key.n = 0;
	return rj_nfc(&q->key, classname) &&
	       rj_buf_add(&q->key, RJ_STR("\0")) && rj_nfc(&q->key, name);
}

bool
rj_quarantine_add_broken(
    struct rj_quarantine *q, struct rj_str classname, struct rj_str name)
{
	return make_key(q, classname, name) &&
	       rj_map_put_copy(&q->broken, &q->arena, rj_buf_str(&q->key), q);
}

void
rj_quarantine_begin(struct rj_quarantine *q)
{
	for (size_t i = 0; i < q->n; i++) {
		struct rj_listed *e = &q->entry[i];

		e->tests = e->bad_cases = 0;
		e->failed = e->other_failure = e->broken = false;
	}
}

bool
rj_quarantine_see(struct rj_quarantine *q, struct rj_str id,
    struct rj_str classname, struct rj_str name, bool failed,
    struct rj_listed **entry)
{
	uintptr_t at = (uintptr_t)rj_map_get(&q->ids, id);

	*entry = at ? &q->entry[at - 1] : NULL;
	if (!at)
		return true;
	(*entry)->tests++;
	(*entry)->bad_cases += failed;
	(*entry)->failed = (*entry)->failed || failed;
	if (!failed)
		return true;
	if (!make_key(q, classname, name))
		return false;
	if (rj_map_get(&q->broken, rj_buf_str(&q->key)))
		(*entry)->broken = true;
	return true;
}

bool
rj_quarantine_failed(struct rj_listed *e, struct rj_str type,
    struct rj_str message, struct rj_str trace)
{
	char signature[RJ_SIGNATURE_SIZE];
	bool listed = e->signatures == 0;

	for (size_t i = 0; i < e->signatures && !listed; i++) {
		int version = e->signature[i].s[1] - '0';

		if (!rj_signature(version, type, message, trace, signature))
			return false;
		listed = rj_str_eq(e->signature[i], rj_str(signature));
	}
	e->other_failure = e->other_failure || !listed;
	return true;
}

static enum rejunit_excuse
excuse_for(const struct rj_quarantine *q, const struct rj_listed *e)
{
	if (e->last_day == RJ_NO_DAY)
		return REJUNIT_EXCUSE_UNDATED;
	if (e->last_day < q->today)
		return REJUNIT_EXCUSE_EXPIRED;
	if (e->tests == 0)
		return REJUNIT_EXCUSE_NOT_SEEN;
	if (e->tests > 1)
		return REJUNIT_EXCUSE_SEVERAL;
	if (!e->failed)
		return REJUNIT_EXCUSE_PASSES;
	if (e->broken)
		return REJUNIT_EXCUSE_BROKEN;
	return e->other_failure ? REJUNIT_EXCUSE_OTHER_FAILURE
				: REJUNIT_EXCUSED;
}

void
rj_quarantine_settle(struct rj_quarantine *q)
{
	q->excused = 0;
	for (size_t i = 0; i < q->n; i++) {
		q->entry[i].excuse = excuse_for(q, &q->entry[i]);
		q->excused += q->entry[i].excuse == REJUNIT_EXCUSED;
	}
	/* so many at once are no bad luck */
	if (q->excused <= q->most)
		return;
	for (size_t i = 0; i < q->n; i++)
		if (q->entry[i].excuse == REJUNIT_EXCUSED)
			q->entry[i].excuse = REJUNIT_EXCUSE_TOO_MANY;
	q->excused = 0;
}

bool
rj_quarantine_lists(const struct rj_quarantine *q, struct rj_str id)
{
	uintptr_t at = (uintptr_t)rj_map_get(&q->ids, id);

	return at && (q->entry[at - 1].last_day == RJ_NO_DAY ||
			 q->entry[at - 1].last_day >= q->today);
}

bool
rj_quarantine_excuses(const struct rj_quarantine *q, struct rj_str id)
{
	uintptr_t at = (uintptr_t)rj_map_get(&q->ids, id);

	return at && q->entry[at - 1].failed &&
	       q->entry[at - 1].excuse == REJUNIT_EXCUSED;
}
