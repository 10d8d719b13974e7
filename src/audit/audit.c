#include "audit/audit.h"

#include <inttypes.h>
#include <string.h>

#include "audit/profile.h"
#include "base/duration.h"
#include "base/hashes.h"
#include "file/place.h"
#include "model/counting.h"
#include "model/identity.h"
#include "read/read.h"

/* A suite whose counters only the whole report can explain. */
struct doubt {
	struct doubt *next;
	struct rj_suite *suite;
};

struct audit {
	struct rj_findings *found;
	const struct rj_source *src;
	struct rj_arena arena;
	struct rj_votes votes;
	struct doubt *doubts;
	struct rj_hashes seen;
	struct rj_buf key;
	struct rj_profile_check *check;
	unsigned long here; /* line of the element being looked at, */
	uint64_t here_at; /* and its offset */
	unsigned int suite_depth;
	bool in_case;
	int64_t doubles[RJ_MAX_DEPTH + 1]; /* in each open suite: later entries
					   of a test */
	struct rj_known known; /* the last column counted */
	bool no_memory; /* for a finding about text */
	struct rejunit_error *err;
};

/* --- elements ------------------------------------------------------------ */

static unsigned long
column_of(struct audit *a, uint64_t at)
{
	return rj_source_column(a->src, at, &a->known);
}

/* A finding at the element being looked at. */
#define FIND(a, code, ...)                                   \
	rj_find((a)->found, code, (a)->src->name, (a)->here, \
	    column_of(a, (a)->here_at), __VA_ARGS__)

static enum rejunit_status
done(const struct audit *a, bool ok)
{
	return ok ? REJUNIT_OK : rj_fail_memory(a->err);
}

static bool
check_time(struct audit *a, struct rj_str time)
{
	int64_t ns;

	if (!time.s || rj_duration_read(time, &ns) == RJ_DURATION_PLAIN)
		return true;
	return FIND(a, "bad-time", "time=\"%.*s\" is no number of seconds",
	    RJ_SHOWN(time));
}

static bool
check_counters_form(struct audit *a, const struct rj_element *e)
{
	static const enum rj_attr counters[] = { RJ_ATTR_TESTS,
		RJ_ATTR_FAILURES, RJ_ATTR_ERRORS, RJ_ATTR_SKIPPED,
		RJ_ATTR_SKIPS, RJ_ATTR_SKIP, RJ_ATTR_DISABLED };

	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		struct rj_str value = e->attr[counters[i]];

		if (value.s && rj_str_number(value) < 0 &&
		    !FIND(a, "bad-counter", "%s=\"%.*s\" is no number",
			rj_attr_names[counters[i]], RJ_SHOWN(value)))
			return false;
	}
	return true;
}

/* What may be an outcome of some runner's, and is none that readers know. */
static bool
is_odd_child(const struct rj_element *e)
{
	return e->tag == RJ_WARNING ||
	       (e->tag == RJ_OTHER && rj_child_named(e->name) != RJ_OUTPUT);
}

static bool
check_element(struct audit *a, const struct rj_element *e)
{
	bool direct = !a->in_case && e->depth == a->suite_depth + 1;

	switch (e->tag) {
	case RJ_TESTSUITES:
	case RJ_TESTSUITE:
		if (e->depth > 1 && (!direct || e->tag == RJ_TESTSUITES))
			return FIND(a, "misplaced",
			    "<%s> stands where no reader looks for it",
			    e->name);
		return check_time(a, e->attr[RJ_ATTR_TIME]) &&
		       check_counters_form(a, e);
	case RJ_TESTCASE:
		if (!direct)
			return FIND(a, "misplaced",
			    "<testcase> stands where no reader looks for it");
		a->in_case = true;
		return check_time(a, e->attr[RJ_ATTR_TIME]);
	case RJ_FAILURE:
	case RJ_ERROR:
		return !direct || FIND(a, "loose-failure",
				      "<%s> belongs to no case", e->name);
	case RJ_WARNING:
	case RJ_OTHER:
		return !a->in_case || e->depth != a->suite_depth + 2 ||
		       !is_odd_child(e) ||
		       FIND(a, "odd-outcome",
			   "<%s> is an outcome that few readers know", e->name);
	default:
		return true;
	}
}

static enum rejunit_status
on_element(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	struct audit *a = ctx;

	a->here = e->line;
	a->here_at = e->at;
	if (a->check && !rj_profile_start(a->check, e))
		return rj_fail_memory(err);
	return done(a, check_element(a, e));
}

static enum rejunit_status
on_element_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	struct audit *a = ctx;

	(void)span;
	if (a->no_memory || (a->check && !rj_profile_end(a->check)))
		return rj_fail_memory(err);
	return REJUNIT_OK;
}

static void
on_text(void *ctx, unsigned long line)
{
	struct audit *a = ctx;

	(void)line;
	if (!rj_profile_text(a->check))
		a->no_memory = true;
}

static bool
tell_structure(void *ctx, const char *sentence)
{
	struct audit *a = ctx;

	return FIND(a, "structure", "%s", sentence);
}

/* --- cases --------------------------------------------------------------- */

/* What an attribute or a child of its own may say beside the marks. */
#define FAILS  (1u << 30)
#define PASSES (1u << 29)

static bool
check_outcome(struct audit *a, const struct rj_case *c)
{
	/* what a case says that contradicts itself, and what it leaves out */
	static const struct {
		unsigned int has;
		unsigned int lacks;
		const char *sentence;
	} table[] = {
		{ RJ_HAS_FAILURE | RJ_HAS_ERROR, 0,
		    "the case has a <failure> and an <error>" },
		{ RJ_HAS_SKIPPED | FAILS | RJ_IS_TOLERATED, 0,
		    "the case is skipped, and has a failure that counts for "
		    "nothing" },
		{ RJ_HAS_SKIPPED | FAILS, RJ_IS_TOLERATED,
		    "the case fails, and says that it was skipped" },
		{ RJ_HAS_FLAKY | FAILS, 0,
		    "the case fails, and says that it passed in the end" },
		{ RJ_HAS_RERUN, FAILS | RJ_HAS_SKIPPED,
		    "the case has failing reruns, and no failure" },
		{ RJ_SAYS_FAILED, FAILS,
		    "an attribute says that the case failed, and no child "
		    "does" },
		{ RJ_SAYS_ERROR, FAILS,
		    "an attribute says that the case failed, and no child "
		    "does" },
		{ FAILS | PASSES, 0,
		    "an attribute says that the case passed, and its children "
		    "that it failed" },
		{ RJ_SAYS_STRANGE, FAILS,
		    "an attribute says neither that the case passed nor that "
		    "it failed" },
		{ RJ_IS_DOUBTED, 0,
		    "cases like it say that they passed, and it does not" },
	};
	unsigned int marks = c->marks;

	if (marks & (RJ_HAS_FAILURE | RJ_HAS_ERROR))
		marks |= FAILS;
	if (c->says_passed)
		marks |= PASSES;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if ((marks & table[i].has) == table[i].has &&
		    !(marks & table[i].lacks) &&
		    !FIND(a, "odd-outcome", "%s", table[i].sentence))
			return false;
	return true;
}

static bool
check_identity(struct audit *a, const struct rj_case *c)
{
	/* the entries of one line differ in their places */
	struct rj_hashes_place at = { (uint32_t)c->at, c->line_no }, first;

	if (rj_is_nameless(c))
		return FIND(a, "nameless-case",
		    "the case has no name: it is no test, and never matched");
	a->key.n = 0;
	if (!rj_key(&a->key, c,
		REJUNIT_CLASSNAME | REJUNIT_NAME | REJUNIT_FILE |
		    REJUNIT_SUITE | REJUNIT_HOSTNAME))
		return false;
	if (!rj_hashes_note(&a->seen, rj_buf_str(&a->key), at, &first))
		return false;
	if (first.line == at.line && first.where == at.where)
		return true;
	a->doubles[a->suite_depth]++;
	return FIND(a, "duplicate-case", "\"%.*s\" stands in line %lu, too",
	    RJ_SHOWN(c->name), (unsigned long)first.line);
}

static enum rejunit_status
on_test(void *ctx, const struct rj_case *c)
{
	struct audit *a = ctx;

	a->in_case = false;
	a->here = c->line_no;
	a->here_at = c->at;
	return done(a, check_identity(a, c) && check_outcome(a, c));
}

/* --- suites -------------------------------------------------------------- */

static bool
check_counter(struct audit *a, const struct rj_suite *s, enum rj_counter which,
    const char *name, int64_t own, int64_t all, int64_t less)
{
	int64_t said = s->said[which];

	if (said < 0 || said == own || said == all || said == all - less)
		return true;
	return FIND(a, "wrong-counter",
	    "%s is %" PRId64 ", and there are %" PRId64, name, said, all);
}

static bool
check_skips(struct audit *a, const struct rj_suite *s)
{
	const struct rj_tally *own = &s->own, *all = &s->all;
	int64_t said = s->said[RJ_SKIPPED_COUNT];

	/* what fails as well may be one of them */
	if (said == own->skipped || said == all->skipped)
		return true;
	return check_counter(a, s, RJ_SKIPPED_COUNT, "skipped",
	    rj_plain_count(own, RJ_SKIPPED_COUNT),
	    rj_plain_count(all, RJ_SKIPPED_COUNT), -all->not_run);
}

static bool
tell_failures(struct audit *a, const struct rj_suite *s)
{
	const struct rj_tally *t = &s->all;

	return rj_find(a->found, "wrong-counter", a->src->name, s->line,
	    column_of(a, s->start.at),
	    "failures and errors are %" PRId64 " and %" PRId64
	    ", and there are %" PRId64 " and %" PRId64,
	    s->said[RJ_FAILURES] < 0 ? 0 : s->said[RJ_FAILURES],
	    s->said[RJ_ERRORS] < 0 ? 0 : s->said[RJ_ERRORS],
	    rj_plain_count(t, RJ_FAILURES), rj_plain_count(t, RJ_ERRORS));
}

/*
 * pytest counts a test that passed twice if its teardown failed, and one that
 * failed once, with the two entries that it has.
 */
static bool
is_pytests_count(const struct rj_suite *s)
{
	int64_t more = s->said[RJ_TESTS] - s->own.cases;

	return s->teardowns && -s->teardowns <= more && more <= s->teardowns;
}

static bool
check_counters(struct audit *a, struct rj_suite *s, int64_t doubles)
{
	const struct rj_tally *own = &s->own, *all = &s->all;
	struct doubt *doubt;

	if ((!is_pytests_count(s) && !check_counter(a, s, RJ_TESTS, "tests",
					 own->cases, all->cases, doubles)) ||
	    !check_skips(a, s) ||
	    !check_counter(
		a, s, RJ_DISABLED, "disabled", own->not_run, all->not_run, 0))
		return false;
	switch (rj_explain(s)) {
	case RJ_EXPLAINED:
		return true;
	case RJ_UNEXPLAINED:
		return tell_failures(a, s);
	default:
		break;
	}
	doubt = rj_alloc(&a->arena, sizeof(*doubt));
	if (!doubt)
		return false;
	*doubt = (struct doubt){ a->doubts, s };
	a->doubts = doubt;
	s->keep = true;
	return true;
}

static enum rejunit_status
on_open(void *ctx, struct rj_suite *s)
{
	struct audit *a = ctx;

	(void)s;
	a->doubles[++a->suite_depth] = 0;
	return REJUNIT_OK;
}

static enum rejunit_status
on_close(void *ctx, struct rj_suite *s)
{
	struct audit *a = ctx;
	int64_t doubles = a->doubles[a->suite_depth--];

	a->doubles[a->suite_depth] += doubles;
	a->here = s->line;
	a->here_at = s->start.at;
	rj_votes_add(&a->votes, s);
	if (!check_counters(a, s, doubles))
		return rj_fail_memory(a->err);
	if (s->up)
		return REJUNIT_OK;
	for (const struct doubt *d = a->doubts; d; d = d->next)
		if (!rj_counters_explained(d->suite, &a->votes) &&
		    !tell_failures(a, d->suite))
			return rj_fail_memory(a->err);
	return REJUNIT_OK;
}

/* --- the whole ----------------------------------------------------------- */

/* Reads the report and adds what is found in it. */
static enum rejunit_status
examine(struct rj_findings *f, const struct rj_source *src,
    enum rejunit_profile profile, bool *foreign, struct rejunit_error *err)
{
	const struct rj_xml_handler watch = {
		.start = on_element,
		.end = on_element_end,
		.text = profile ? on_text : NULL,
	};
	struct rj_profile_check check = {
		.profile = profile,
		.tell = tell_structure,
	};
	struct audit a = {
		.found = f,
		.src = src,
		.check = profile ? &check : NULL,
		.err = err,
	};
	const struct rj_reader reader = {
		.open = on_open,
		.close = on_close,
		.test = on_test,
		.ctx = &a,
		.foreign = foreign,
		.watch = &watch,
	};
	enum rejunit_status status;

	check.ctx = &a;
	status = rj_read(src, 0, 0, &reader, &a.arena, err);
	rj_arena_free(&a.arena);
	rj_hashes_free(&a.seen);
	rj_buf_free(&a.key);
	return status;
}

static enum rejunit_status
tell_malformed(struct rj_findings *f, const struct rj_source *src,
    const char *code, const struct rejunit_error *why,
    struct rejunit_error *err)
{
	return rj_find(f, code, src->name, why->line, why->column, "%s",
		   why->message)
		   ? REJUNIT_OK
		   : rj_fail_memory(err);
}

/* The report as a repair leaves it, and what had to be repaired. */
static enum rejunit_status
examine_repaired(struct rj_findings *f, struct rj_source *src,
    enum rejunit_profile profile, bool *foreign,
    const struct rejunit_error *first, struct rejunit_error *err)
{
	enum rejunit_status status = rj_source_mend(src, f->arena, err);
	size_t bytes = src->repaired_bytes, rest = src->repaired - bytes;

	if (status == REJUNIT_INPUT || (!status && !src->repaired))
		return tell_malformed(f, src, "malformed", first, err);
	if (status)
		return status;
	if (bytes &&
	    !rj_find(f, "bad-encoding", src->name, src->repaired_line, 0,
		"%zu bytes are not UTF-8, the first in this line", bytes))
		return rj_fail_memory(err);
	if (rest &&
	    !rj_find(f, "illegal-character", src->name, first->line,
		first->column,
		"%zu characters that XML forbids, the first here", rest))
		return rj_fail_memory(err);
	return examine(f, src, profile, foreign, err);
}

enum rejunit_status
rj_audit(struct rj_findings *f, const struct rejunit_input *in,
    enum rejunit_profile profile, bool *foreign, struct rejunit_error *err)
{
	size_t n = f->n, total = f->total;
	struct rejunit_error first = { 0 };
	struct rj_source src;
	enum rejunit_status status;

	*foreign = false;
	status = rj_source_open(&src, f->arena, in, false, &first);
	if (status == REJUNIT_INPUT && first.line) {
		status = tell_malformed(f, &src, "bad-encoding", &first, err);
		rj_source_close(&src);
		return status;
	}
	if (!status)
		status = examine(f, &src, profile, foreign, &first);
	if (status == REJUNIT_INPUT && first.line && !*foreign) {
		/* what was found so far stands in the repaired one as well */
		f->n = n;
		f->total = total;
		status =
		    examine_repaired(f, &src, profile, foreign, &first, err);
	} else if (status && err) {
		*err = first;
	}
	rj_source_close(&src);
	return status;
}
