#include "history/record.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/duration.h"
#include "base/json_in.h"
#include "history/clock.h"
#include "list/signature.h"

void
rj_record_free(struct rj_record *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->tests[i].executions);
	free(r->tests);
	*r = (struct rj_record){ .at = 0 };
}

struct rj_record_test *
rj_record_test(struct rj_record *r)
{
	void *p = rj_grown(r->tests, r->n, &r->room, sizeof(*r->tests));

	if (!p)
		return NULL;
	r->tests = p;
	r->tests[r->n] = (struct rj_record_test){ .n = 0 };
	return &r->tests[r->n++];
}

struct rj_record_execution *
rj_record_execution(struct rj_record_test *t)
{
	void *p = rj_grown_little(
	    t->executions, t->n, &t->room, sizeof(*t->executions));

	if (!p)
		return NULL;
	t->executions = p;
	t->executions[t->n] =
	    (struct rj_record_execution){ .time = -1, .position = -1 };
	return &t->executions[t->n++];
}

/* --- joining -------------------------------------------------------------- */

bool
rj_record_key(struct rj_buf *out, struct rj_str classname, struct rj_str name,
    struct rj_str told)
{
	out->n = 0;
	return rj_buf_add(out, classname) && rj_buf_add(out, RJ_STR("\0")) &&
	       rj_buf_add(out, name) && rj_buf_add(out, RJ_STR("\0")) &&
	       rj_buf_add(out, told);
}

/*
 * The test of that name, which is made if it is not there. One that stands
 * alone in its report may have had namesakes in an earlier one, which were told
 * apart by file or by suites.
 */
static struct rj_record_test *
find_test(struct rj_joining *j, const struct rj_record_test *like)
{
	const struct rj_str told[] = { like->told, like->file, like->suites };
	struct rj_record_test *t;

	for (int i = 0; i < 3; i++) {
		uintptr_t place;

		if (i && (like->told.n || !told[i].n))
			continue;
		if (!rj_record_key(
			&j->key, like->classname, like->name, told[i]))
			return NULL;
		place = (uintptr_t)rj_map_get(&j->tests, rj_buf_str(&j->key));
		if (place)
			return &j->record->tests[place - 1];
	}
	if (!rj_record_key(&j->key, like->classname, like->name, like->told))
		return NULL;
	t = rj_record_test(j->record);
	if (!t || !rj_map_put_copy(&j->tests, j->arena, rj_buf_str(&j->key),
		      (void *)(uintptr_t)j->record->n))
		return NULL;
	*t = *like;
	t->executions = NULL;
	t->n = t->room = 0;
	return t;
}

bool
rj_record_join(
    struct rj_joining *j, const struct rj_record *more, unsigned int least)
{
	for (size_t i = 0; i < more->n; i++) {
		struct rj_record_test *t = find_test(j, &more->tests[i]);
		unsigned int next = least;

		if (!t)
			return false;
		for (size_t k = 0; k < t->n; k++)
			if (t->executions[k].attempt >= next)
				next = t->executions[k].attempt + 1;
		for (size_t k = 0; k < more->tests[i].n; k++) {
			struct rj_record_execution *x = rj_record_execution(t);

			if (!x)
				return false;
			*x = more->tests[i].executions[k];
			x->attempt += next;
		}
	}
	return true;
}

void
rj_record_move(struct rj_record *to, struct rj_record *from, unsigned int least)
{
	to->tests = from->tests;
	to->n = from->n;
	to->room = from->room;
	from->tests = NULL;
	from->n = from->room = 0;
	for (size_t i = 0; i < to->n && least; i++)
		for (size_t k = 0; k < to->tests[i].n; k++)
			to->tests[i].executions[k].attempt += least;
}

void
rj_joining_free(struct rj_joining *j)
{
	rj_map_free(&j->tests);
	rj_buf_free(&j->key);
}

/* --- digests ------------------------------------------------------------- */

void
rj_digest(struct rj_str s, char out[RJ_DIGEST_SIZE])
{
	static const uint64_t seeds[2][2] = {
		{ 0x72656a756e697400, 0x776f726473000001 },
		{ 0x72656a756e697400, 0x776f726473000002 },
	};
	static const char digits[] = "0123456789abcdef";

	for (int k = 0; k < 2; k++) {
		uint64_t hash = rj_hash(seeds[k], s);

		for (int i = 0; i < 16; i++)
			out[16 * k + i] = digits[hash >> (60 - 4 * i) & 15];
	}
	out[RJ_DIGEST_SIZE - 1] = '\0';
}

static bool
add_text(struct rj_buf *b, struct rj_str s)
{
	return rj_buf_add(b, s) && rj_buf_add(b, RJ_STR("\0"));
}

bool
rj_record_digest(struct rj_record *r, struct rj_arena *a)
{
	struct rj_buf all = { 0 };
	char digest[RJ_DIGEST_SIZE], when[40];
	bool ok;

	/* a rerun may fail just as the run before it did */
	snprintf(when, sizeof(when), "%lld", (long long)r->at);
	ok = add_text(&all, rj_str(when)) && add_text(&all, r->host);

	for (size_t i = 0; i < r->n && ok; i++) {
		const struct rj_record_test *t = &r->tests[i];

		ok = add_text(&all, t->classname) && add_text(&all, t->name) &&
		     add_text(&all, t->told);
		for (size_t k = 0; k < t->n && ok; k++) {
			const struct rj_record_execution *x = &t->executions[k];
			char numbers[64];

			snprintf(numbers, sizeof(numbers), "%u %d %lld",
			    x->attempt, (int)x->outcome, (long long)x->time);
			ok = add_text(&all, rj_str(numbers)) &&
			     add_text(&all, x->type) &&
			     add_text(&all, x->message) &&
			     add_text(&all, x->trace);
		}
	}
	if (ok) {
		rj_digest(rj_buf_str(&all), digest);
		r->digests = rj_alloc(a, sizeof(*r->digests));
		r->n_digests = r->digests != NULL;
		ok = r->digests && rj_alloc_str(a, rj_str(digest), r->digests);
	}
	rj_buf_free(&all);
	return ok;
}

/* --- reading ------------------------------------------------------------- */

struct reading {
	struct rj_json_in json;
	struct rj_record *record;
	const char *wrong; /* that is none of JSON's mistakes */
	size_t wrong_at;
};

static bool
refuse(struct reading *r, const char *wrong)
{
	if (!r->wrong) {
		r->wrong = wrong;
		r->wrong_at = r->json.at;
	}
	return false;
}

static bool
no_memory(struct reading *r)
{
	r->json.no_memory = true;
	return refuse(r, "out of memory");
}

/* A string, or null, which says nothing. */
static bool
read_text(struct reading *r, struct rj_str *out)
{
	return rj_json_peek(&r->json) == 'n' ? rj_json_skip(&r->json)
					     : rj_json_text(&r->json, out);
}

static bool
read_count(struct reading *r, int64_t *out)
{
	struct rj_str digits;

	if (rj_json_peek(&r->json) == 'n')
		return rj_json_skip(&r->json);
	if (!rj_json_digits(&r->json, &digits))
		return false;
	*out = rj_str_number(digits);
	return *out >= 0 || refuse(r, "a number from 0 on is wanted");
}

static bool
read_time(struct reading *r, int64_t *out)
{
	struct rj_str digits;

	if (rj_json_peek(&r->json) == 'n')
		return rj_json_skip(&r->json);
	if (!rj_json_digits(&r->json, &digits))
		return false;
	return (rj_duration_read(digits, out) == RJ_DURATION_PLAIN &&
		   *out >= 0 && *out <= RJ_TIME_MAX) ||
	       refuse(r, "a number of seconds is wanted");
}

static bool
read_outcome(struct reading *r, enum rejunit_verdict *out)
{
	struct rj_str word;

	if (!rj_json_text(&r->json, &word))
		return false;
	for (int v = REJUNIT_PASSED; v <= REJUNIT_UNKNOWN; v++)
		if (rj_str_eq(word, rj_str(rejunit_verdict_name(
					(enum rejunit_verdict)v)))) {
			*out = (enum rejunit_verdict)v;
			return true;
		}
	return refuse(r, "an outcome is passed, failed, error, skipped or "
			 "unknown");
}

/* An object or an array, as it stands; null says nothing. */
static bool
read_json(struct reading *r, char bracket, struct rj_str *out)
{
	char first = rj_json_peek(&r->json);
	size_t from = r->json.at;

	if (first == 'n')
		return rj_json_skip(&r->json);
	if (first != bracket)
		return refuse(r, bracket == '{' ? "an object is wanted"
						: "an array is wanted");
	if (!rj_json_skip(&r->json))
		return false;
	*out = (struct rj_str){ r->json.text.s + from, r->json.at - from };
	return true;
}

static bool
is(struct rj_str key, const char *word)
{
	return rj_str_eq(key, rj_str(word));
}

/* A failure that has none gets its signature, if there is anything to sign. */
static bool
sign(struct reading *r, struct rj_record_execution *x)
{
	char signature[RJ_SIGNATURE_SIZE];

	if (!rejunit_is_bad(x->outcome) || x->signature.n ||
	    (!x->type.n && !x->message.n && !x->trace.n))
		return true;
	return rj_signature(RJ_SIGNATURE_VERSION, x->type, x->message, x->trace,
		   signature) &&
	       rj_alloc_str(r->json.arena, rj_str(signature), &x->signature);
}

static bool
read_execution(struct reading *r, struct rj_record_test *t)
{
	struct rj_record_execution *x = rj_record_execution(t);
	int64_t attempt = (int64_t)t->n - 1;
	struct rj_str key;
	bool ok = x || no_memory(r);

	ok = ok && rj_json_enter(&r->json, '{');
	while (ok && rj_json_member(&r->json, &key)) {
		if (is(key, "attempt"))
			ok = read_count(r, &attempt);
		else if (is(key, "outcome"))
			ok = read_outcome(r, &x->outcome);
		else if (is(key, "time"))
			ok = read_time(r, &x->time);
		else if (is(key, "position"))
			ok = read_count(r, &x->position);
		else if (is(key, "type"))
			ok = read_text(r, &x->type);
		else if (is(key, "message"))
			ok = read_text(r, &x->message);
		else if (is(key, "trace"))
			ok = read_text(r, &x->trace);
		else if (is(key, "signature"))
			ok = read_text(r, &x->signature);
		else if (is(key, "facts"))
			ok = read_json(r, '{', &x->facts);
		else
			ok = rj_json_skip(&r->json);
	}
	if (!ok || r->json.wrong)
		return false;
	if (x->outcome == REJUNIT_ABSENT)
		return refuse(r, "an execution has no outcome");
	if (attempt > INT32_MAX)
		return refuse(r, "there are too many attempts");
	x->attempt = (unsigned int)attempt;
	if (!sign(r, x))
		return no_memory(r);
	x->trace = rj_str_cut(x->trace, RJ_TRACE_MAX);
	return true;
}

static bool
read_test(struct reading *r)
{
	struct rj_record_test *t = rj_record_test(r->record);
	struct rj_str key;
	bool ok = t || no_memory(r);

	ok = ok && rj_json_enter(&r->json, '{');
	while (ok && rj_json_member(&r->json, &key)) {
		if (is(key, "classname")) {
			ok = read_text(r, &t->classname);
		} else if (is(key, "name")) {
			ok = read_text(r, &t->name);
		} else if (is(key, "told")) {
			ok = read_text(r, &t->told);
		} else if (is(key, "file")) {
			ok = read_text(r, &t->file);
		} else if (is(key, "id")) {
			ok = read_text(r, &t->id);
		} else if (is(key, "suite_path")) {
			ok = read_json(r, '[', &t->suite_path);
		} else if (is(key, "executions")) {
			ok = rj_json_enter(&r->json, '[');
			while (ok && rj_json_member(&r->json, NULL))
				ok = read_execution(r, t);
		} else {
			ok = rj_json_skip(&r->json);
		}
	}
	if (!ok || r->json.wrong)
		return false;
	if (!t->classname.n && !t->name.n)
		return refuse(r, "a test has neither class name nor name");
	return t->n > 0 || refuse(r, "a test has no execution");
}

static bool
read_at(struct reading *r)
{
	struct rj_str text;

	if (!rj_json_text(&r->json, &text))
		return false;
	r->record->zoneless = rj_clock_is_zoneless(text);
	return (rj_clock_read(text, &r->record->at) &&
		   rj_clock_is_sane(r->record->at)) ||
	       refuse(r, "a time from 1970 on is wanted, written as "
			 "2026-01-31T23:59:59Z");
}

static bool
is_digest(struct rj_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("0123456789abcdef", s.s[i]) || !s.s[i])
			return false;
	return s.n == RJ_DIGEST_SIZE - 1;
}

/* Few, as those of one run are. */
static bool
read_digests(struct reading *r)
{
	struct rj_record *out = r->record;
	size_t room = 0;
	bool ok = rj_json_enter(&r->json, '[');

	/* of two members of that name, the last one counts */
	out->n_digests = 0;

	while (ok && rj_json_member(&r->json, NULL)) {
		if (out->n_digests == room) {
			struct rj_str *more;

			room = room ? room * 2 : 4;
			more = rj_alloc_n(r->json.arena, room, sizeof(*more));
			if (!more)
				return no_memory(r);
			for (size_t i = 0; i < out->n_digests; i++)
				more[i] = out->digests[i];
			out->digests = more;
		}
		ok = rj_json_text(&r->json, &out->digests[out->n_digests]) &&
		     (is_digest(out->digests[out->n_digests]) ||
			 refuse(r, "a digest is 32 hexadecimal digits"));
		out->n_digests++;
	}
	return ok;
}

static bool
read_record(struct reading *r)
{
	struct rj_record *out = r->record;
	int64_t version = 0;
	bool has_at = false, zoneless = false;
	bool ok = rj_json_enter(&r->json, '{');
	struct rj_str key;

	while (ok && rj_json_member(&r->json, &key)) {
		if (is(key, "version")) {
			ok = read_count(r, &version);
		} else if (is(key, "run")) {
			ok = read_text(r, &out->run);
		} else if (is(key, "kind")) {
			ok = read_text(r, &out->kind);
		} else if (is(key, "zoneless")) {
			zoneless = rj_json_peek(&r->json) == 't';
			ok = rj_json_skip(&r->json);
		} else if (is(key, "digests")) {
			ok = read_digests(r);
		} else if (is(key, "at")) {
			has_at = ok = read_at(r);
		} else if (is(key, "commit")) {
			ok = read_text(r, &out->commit);
		} else if (is(key, "branch")) {
			ok = read_text(r, &out->branch);
		} else if (is(key, "job")) {
			ok = read_text(r, &out->job);
		} else if (is(key, "host")) {
			ok = read_text(r, &out->host);
		} else if (is(key, "url")) {
			ok = read_text(r, &out->url);
		} else if (is(key, "facts")) {
			ok = read_json(r, '{', &out->facts);
		} else if (is(key, "tests")) {
			ok = rj_json_enter(&r->json, '[');
			while (ok && rj_json_member(&r->json, NULL))
				ok = read_test(r);
		} else {
			ok = rj_json_skip(&r->json);
		}
	}
	if (!ok || r->json.wrong || !rj_json_end(&r->json))
		return false;
	if (version != 1)
		return refuse(r, "is no run record of version 1");
	if (!out->run.n || !has_at)
		return refuse(r, "a run record has a run and a time");
	if (!out->kind.n)
		out->kind = RJ_STR("ci");
	out->zoneless = out->zoneless || zoneless;
	return true;
}

enum rejunit_status
rj_record_read(struct rj_record *record, struct rj_arena *a, struct rj_str text,
    const char *file, unsigned long line, struct rejunit_error *err)
{
	struct reading r = {
		.json = { .arena = a, .text = text },
		.record = record,
	};

	*record = (struct rj_record){ .kind = RJ_STR("ci") };
	if (read_record(&r))
		return REJUNIT_OK;
	rj_record_free(record);
	if (r.json.no_memory)
		return rj_fail_memory(err);
	return rj_fail_at(err, REJUNIT_INPUT, file, line,
	    (unsigned long)(r.wrong ? r.wrong_at : r.json.at) + 1, "%s",
	    r.wrong ? r.wrong : r.json.wrong);
}
