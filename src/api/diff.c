#include <stdlib.h>

#include "api/handle.h"
#include "api/quarantine.h"
#include "base/duration.h"
#include "diff/diff.h"
#include "diff/write.h"
#include "list/data.h"
#include "model/identity.h"
#include "model/path.h"
#include "read/read.h"
#include "read/report.h"
#include "read/timing.h"

struct rejunit_diff {
	struct rj_arena arena;
	struct rj_warnings warnings;
	struct rj_data data;
	struct rj_pool pool; /* the reports' descriptors */
	struct rj_report *reports; /* the old ones, then the new ones */
	size_t n_reports;
	struct rejunit_report sums[2]; /* by enum rj_side */
	struct rj_slower slower;
	struct rj_index index; /* while the reports are read, */
	struct rj_map names; /* and the last parts of theirs */
	struct rj_diff diff;
	bool repair;
	bool read;
};

enum rejunit_status
rejunit_diff_new(struct rejunit_diff **out, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rejunit_diff *d = rj_handle_new(out, sizeof(*d), &status, err);

	if (!d)
		return status;
	d->warnings.arena = d->diff.arena = &d->arena;
	d->slower = (struct rj_slower){ .times = 2, .seconds = 1 };
	*out = d;
	return REJUNIT_OK;
}

/* Gives back what was read. */
static void
forget(struct rejunit_diff *d)
{
	for (size_t i = 0; i < d->n_reports; i++)
		rj_report_close(&d->reports[i]);
	rj_pool_close(&d->pool);
	free(d->reports);
	d->reports = NULL;
	d->n_reports = 0;
	rj_index_free(&d->index);
	rj_map_free(&d->names);
	rj_diff_free(&d->diff);
}

void
rejunit_diff_free(struct rejunit_diff *d)
{
	if (!d)
		return;
	forget(d);
	rj_rootdir_free(d->data.rootdir);
	rj_data_free(&d->data);
	rj_arena_free(&d->arena);
	free(d);
}

/* --- settings ------------------------------------------------------------ */

static enum rejunit_status
need_unread(const struct rejunit_diff *d, struct rejunit_error *err)
{
	if (d && d->read)
		return rj_fail(
		    err, REJUNIT_USAGE, "the reports are read already");
	return rj_need(d, "a comparison", err);
}

enum rejunit_status
rejunit_diff_repair(
    struct rejunit_diff *d, bool repair, struct rejunit_error *err)
{
	enum rejunit_status status = need_unread(d, err);

	if (!status)
		d->repair = repair;
	return status;
}

enum rejunit_status
rejunit_diff_rootdir(
    struct rejunit_diff *d, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = need_unread(d, err);

	return status ? status
		      : rj_rootdir_set(&d->data.rootdir, &d->arena, path, err);
}

enum rejunit_status
rejunit_diff_slower(struct rejunit_diff *d, double times, double seconds,
    struct rejunit_error *err)
{
	enum rejunit_status status = need_unread(d, err);

	if (!status)
		d->slower = (struct rj_slower){ times < 0 || seconds < 0, times,
			seconds };
	return status;
}

/* --- the first reading: what there is of each test ------------------------ */

struct indexing {
	struct rejunit_diff *diff;
	struct rejunit_error *err;
	const char *report; /* its name in its set */
	enum rj_side side;
	struct rj_timing timing;
};

static enum rejunit_status
on_open(void *ctx, struct rj_suite *s)
{
	struct indexing *x = ctx;

	(void)s;
	rj_timing_open(&x->timing);
	return REJUNIT_OK;
}

static enum rejunit_status
on_close(void *ctx, struct rj_suite *s)
{
	struct indexing *x = ctx;

	(void)s;
	rj_timing_close(&x->timing);
	return REJUNIT_OK;
}

static enum rejunit_status
on_element(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	struct indexing *x = ctx;

	(void)err;
	rj_timing_element(&x->timing, e);
	return REJUNIT_OK;
}

static enum rejunit_status
on_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	(void)ctx;
	(void)span;
	(void)err;
	return REJUNIT_OK;
}

static enum rejunit_status
on_test(void *ctx, const struct rj_case *c)
{
	struct indexing *x = ctx;
	struct rejunit_report *sums = &x->diff->sums[x->side];

	sums->cases++;
	sums->outcomes[rj_diff_outcome(c)]++;
	sums->nameless += rj_is_nameless(c);
	sums->flaky += c->outcome == REJUNIT_PASSED && c->marks & RJ_HAS_FLAKY;
	return rj_is_nameless(c) || rj_index_note(&x->diff->index, x->side, c,
					x->report, x->timing.time)
		   ? REJUNIT_OK
		   : rj_fail_memory(x->err);
}

static const struct rj_xml_handler watch = {
	.start = on_element,
	.end = on_end,
};

static enum rejunit_status
index_old(struct indexing *x, struct rj_report *r)
{
	const struct rj_reader reader = {
		.open = on_open,
		.close = on_close,
		.test = on_test,
		.ctx = x,
		.foreign = &r->foreign,
		.watch = &watch,
	};
	struct rj_arena arena = { 0 };
	enum rejunit_status status =
	    rj_read(&r->src, r->run, r->number, &reader, &arena, x->err);

	rj_arena_free(&arena);
	return status;
}

static bool
stands_out(void *ctx, const struct rj_case *c, bool *wanted)
{
	return rj_index_stands_out(ctx, c, wanted);
}

/* What the old run does not have is known at once, but for namesakes. */
static enum rejunit_status
index_new(struct indexing *x, struct rj_report *r)
{
	const struct rj_reader reader = {
		.open = on_open,
		.close = on_close,
		.test = on_test,
		.ctx = x,
		.watch = &watch,
	};
	const struct rj_selection selection = {
		.wants = stands_out, .ctx = &x->diff->index, .also = &reader
	};

	return rj_report_select(r, &selection, &x->diff->arena, x->err);
}

/* Two reports of one name, in different folders, are of two modules. */
static bool
tells_apart(const struct rejunit_diff *d, const struct rj_report *r)
{
	return r->name &&
	       rj_map_get(&d->names, rj_path_base(rj_str(r->name))) == d;
}

/* Notes which names more than one folder has: those have the handle. */
static bool
note_names(struct rejunit_diff *d)
{
	for (size_t i = 0; i < d->n_reports; i++) {
		struct rj_report *r = &d->reports[i];
		struct rj_str base = rj_path_base(rj_str(r->name));
		const struct rj_report *first = rj_map_get(&d->names, base);

		if (!r->name || (const void *)first == d)
			continue;
		if (!rj_map_put(&d->names, base,
			!first || strcmp(first->name, r->name) == 0
			    ? (void *)r
			    : (void *)d))
			return false;
	}
	return true;
}

static enum rejunit_status
index_report(
    struct rejunit_diff *d, struct rj_report *r, struct rejunit_error *err)
{
	struct indexing *x = calloc(1, sizeof(*x));
	enum rejunit_status status;
	int64_t all;

	if (!x)
		return rj_fail_memory(err);
	x->diff = d;
	x->err = err;
	x->report = tells_apart(d, r) ? r->name : NULL;
	x->side = r->run ? RJ_NEW : RJ_OLD;
	rj_index_begin(&d->index);
	status = x->side == RJ_OLD ? index_old(x, r) : index_new(x, r);
	all = d->sums[x->side].nanoseconds;
	rj_duration_add(&all, x->timing.level[0].below);
	d->sums[x->side].nanoseconds = all;
	free(x);
	return status;
}

/* --- the reports ---------------------------------------------------------- */

/* Enters the files of an input as those of one run. */
static enum rejunit_status
enter_files(struct rejunit_diff *d, const struct rejunit_input *in,
    enum rj_side side, struct rejunit_error *err)
{
	struct rj_fileset set;
	enum rejunit_status status = rj_fileset_find(&set, &d->arena, in, err);
	struct rj_report *more = NULL;

	if (!status) {
		more =
		    realloc(d->reports, (d->n_reports + set.n) * sizeof(*more));
		if (!more)
			status = rj_fail_memory(err);
		else
			d->reports = more;
	}
	for (size_t i = 0; i < set.n && !status; i++) {
		struct rj_report *r = &d->reports[d->n_reports];

		*r = (struct rj_report){
			.pool = &d->pool,
			.input = set.files[i].input,
			.name = set.files[i].name,
			.run = side == RJ_NEW,
			.number = (unsigned int)d->n_reports++,
		};
	}
	rj_fileset_free(&set);
	return status;
}

static enum rejunit_status
open_report(
    struct rejunit_diff *d, struct rj_report *r, struct rejunit_error *err)
{
	const struct rj_fileset_file file = { r->input, r->name };
	enum rejunit_status status = rj_source_open_in(
	    &r->src, r->pool, &d->arena, &r->input, d->repair, err);

	if (!status)
		status = index_report(d, r, err);
	if (!status && !rj_warn_repaired(&d->warnings, &r->src))
		status = rj_fail_memory(err);
	return rj_pass_over(status, r->foreign, &file, &d->warnings, err);
}

static enum rejunit_status
read_run(struct rejunit_diff *d, const struct rejunit_input *in,
    enum rj_side side, struct rejunit_error *err)
{
	size_t reports = 0;
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < d->n_reports && !status; i++) {
		if (d->reports[i].run != (unsigned int)side)
			continue;
		status = open_report(d, &d->reports[i], err);
		reports += !status && !d->reports[i].foreign;
	}
	if (!status && reports == 0)
		return rj_fail_at(err, REJUNIT_INPUT, in->name, 0, 0,
		    "holds no JUnit report");
	d->sums[side].name = in->name;
	return status;
}

/* --- the second reading: what may have changed ---------------------------- */

static bool
wants(void *ctx, const struct rj_case *c, bool *wanted)
{
	return rj_index_may_differ(ctx, c, wanted);
}

static bool
excludes(void *ctx, struct rj_str classname, struct rj_str name)
{
	return rj_index_excludes(ctx, classname, name);
}

/* More failures of no test than before are told where they are. */
static enum rejunit_status
warn_of_loose(struct rejunit_diff *d, struct rejunit_error *err)
{
	size_t before = d->sums[RJ_OLD].loose, after = d->sums[RJ_NEW].loose;
	struct rj_str suite = { NULL, 0 };

	if (after <= before)
		return REJUNIT_OK;
	for (size_t i = 0; i < d->n_reports && !suite.s; i++)
		if (d->reports[i].run)
			suite = d->reports[i].loose_suite;
	return rj_warn(&d->warnings,
		   suite.s ? "%s: failures that belong to no test: %zu, and "
			     "%zu before, the first in suite \"%.*s\""
			   : "%s: failures that belong to no test: %zu, and "
			     "%zu before",
		   d->sums[RJ_NEW].name, after, before, RJ_SHOWN(suite))
		   ? REJUNIT_OK
		   : rj_fail_memory(err);
}

/* The old run, and the new one, too, where it has namesakes. */
static enum rejunit_status
select_cases(struct rejunit_diff *d, struct rejunit_error *err)
{
	const struct rj_selection selection = {
		.wants = wants, .excludes = excludes, .ctx = &d->index
	};
	bool namesakes = rj_index_has_namesakes(&d->index);
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < d->n_reports && !status; i++) {
		struct rj_report *r = &d->reports[i];

		if (r->foreign)
			continue;
		if (r->run == 0 || namesakes)
			status =
			    rj_report_select(r, &selection, &d->arena, err);
		d->sums[r->run].loose +=
		    r->loose + r->unexplained + r->nameless_bad;
	}
	return status ? status : warn_of_loose(d, err);
}

/* Enters the path of a case's suite, if a run has it. */
static bool
enter_path(struct rejunit_diff *d, struct rj_map *paths, enum rj_side side,
    const struct rj_suite *s)
{
	bool has;

	return rj_map_get(paths, s->path) ||
	       (rj_index_has_suite(&d->index, side, s->path, &has) &&
		   (!has || rj_map_put(paths, s->path, d)));
}

/* Where names alone stand for tests, their suites are asked, too. */
static bool
enter_paths(struct rejunit_diff *d, struct rj_map paths[2], bool *any)
{
	*any = false;
	for (size_t k = 0; k < d->n_reports; k++)
		for (size_t i = 0; i < d->reports[k].n; i++) {
			const struct rj_case *c = d->reports[k].cases[i];

			if (c->classname.n)
				continue;
			*any = true;
			for (int side = RJ_OLD; side <= RJ_NEW; side++)
				if (!enter_path(d, &paths[side],
					(enum rj_side)side, c->suite))
					return false;
		}
	return true;
}

static bool
compare(struct rejunit_diff *d)
{
	struct rj_run before = rj_run_at(d->reports, d->n_reports);
	struct rj_run after = { before.reports + before.n,
		d->n_reports - before.n };
	struct rj_map paths[2] = { { 0 } };
	bool any, ok = enter_paths(d, paths, &any);

	ok =
	    ok && rj_diff(&d->diff, &before, &after,
		      any ? &paths[RJ_OLD] : NULL, any ? &paths[RJ_NEW] : NULL);
	rj_map_free(&paths[RJ_OLD]);
	rj_map_free(&paths[RJ_NEW]);
	return ok;
}

/* --- what only the text says ---------------------------------------------- */

/* Less than 0: it says none. */
static enum rejunit_status
read_time(struct rejunit_diff *d, const struct rj_case *c, int64_t *ns,
    struct rejunit_error *err)
{
	struct rj_execution x = { .at = c, .outcome = REJUNIT_PASSED };
	enum rejunit_status status =
	    rj_read_details(&d->data.details, d->reports, &x, err);

	if (rj_duration_read(d->data.details.time, ns) == RJ_DURATION_NONE)
		*ns = -1;
	return status;
}

static int
by_what_it_lost(const void *a, const void *b)
{
	const struct rj_difference *x = *(struct rj_difference *const *)a;
	const struct rj_difference *y = *(struct rj_difference *const *)b;
	int64_t more =
	    (y->new_time - y->old_time) - (x->new_time - x->old_time);

	if (more)
		return more > 0 ? 1 : -1;
	/* as they stand */
	return x->new_case->suite->report != y->new_case->suite->report
		   ? (x->new_case->suite->report > y->new_case->suite->report
			     ? 1
			     : -1)
		   : (x->new_case->at > y->new_case->at) -
			 (x->new_case->at < y->new_case->at);
}

/* Of what may have become slower, keeps what has. */
static enum rejunit_status
compare_times(struct rejunit_diff *d, struct rejunit_error *err)
{
	struct rj_differences *l = &d->diff.of[REJUNIT_DIFF_SLOWER];
	enum rejunit_status status = REJUNIT_OK;
	size_t n = 0;

	for (size_t i = 0; i < l->n && !status; i++) {
		struct rj_difference *one = l->list[i];

		status = read_time(d, one->old_case, &one->old_time, err);
		if (!status)
			status =
			    read_time(d, one->new_case, &one->new_time, err);
		if (!status && one->old_time >= 0 &&
		    rj_is_slower(&d->slower, (double)one->old_time / 1e9,
			(double)one->new_time / 1e9))
			l->list[n++] = one;
	}
	if (status)
		return status;
	l->n = n;
	if (n)
		qsort(l->list, n, sizeof(*l->list), by_what_it_lost);
	return REJUNIT_OK;
}

/* --- the whole ------------------------------------------------------------ */

static enum rejunit_status
read_runs(struct rejunit_diff *d, const struct rejunit_input *before,
    const struct rejunit_input *after, struct rejunit_error *err)
{
	enum rejunit_status status = enter_files(d, before, RJ_OLD, err);

	if (!status)
		status = enter_files(d, after, RJ_NEW, err);
	if (!status && !note_names(d))
		status = rj_fail_memory(err);
	if (!status)
		status = read_run(d, before, RJ_OLD, err);
	if (!status)
		status = read_run(d, after, RJ_NEW, err);
	if (!status)
		status = select_cases(d, err);
	if (!status && !compare(d))
		status = rj_fail_memory(err);
	rj_index_free(&d->index);
	return status ? status : compare_times(d, err);
}

enum rejunit_status
rejunit_diff_read(struct rejunit_diff *d, const struct rejunit_input *before,
    const struct rejunit_input *after, struct rejunit_error *err)
{
	struct rejunit_input kept[2];
	struct rj_warnings warned;
	enum rejunit_status status = need_unread(d, err);

	if (!status)
		status = rj_keep_input(&d->arena, before, &kept[0], err);
	if (!status)
		status = rj_keep_input(&d->arena, after, &kept[1], err);
	if (status)
		return status;
	warned = d->warnings;
	d->index.slower = d->slower;
	status = read_runs(d, &kept[0], &kept[1], err);
	d->read = status == REJUNIT_OK;
	if (status) {
		rj_warn_back(&d->warnings, &warned);
		memset(d->sums, 0, sizeof(d->sums));
		forget(d);
	}
	d->data.reports = d->reports;
	return status;
}

enum rejunit_status
rejunit_diff_quarantine(struct rejunit_diff *d,
    const struct rejunit_quarantine *q, struct rejunit_error *err)
{
	struct rj_differences *l;
	enum rejunit_status status =
	    rj_need_both(d, "a comparison", q, "a quarantine", err);

	if (status)
		return status;
	if (!d->read)
		return rj_fail(err, REJUNIT_USAGE, "no reports are read yet");
	l = &d->diff.of[REJUNIT_DIFF_NEWLY_FAILING];
	for (size_t i = 0; i < l->n; i++) {
		d->data.id.n = 0;
		if (!rj_test_id(
			&d->data.id, l->list[i]->new_case, d->data.rootdir))
			return rj_fail_memory(err);
		l->list[i]->excused =
		    rj_quarantine_excuses(&q->list, rj_buf_str(&d->data.id));
	}
	return REJUNIT_OK;
}

/* --- what came of it ------------------------------------------------------ */

size_t
rejunit_diff_count(const struct rejunit_diff *d, enum rejunit_difference kind)
{
	return d && (unsigned int)kind < RJ_KINDS ? d->diff.of[kind].n : 0;
}

bool
rejunit_diff_test(struct rejunit_diff *d, enum rejunit_difference kind,
    size_t i, struct rejunit_changed *out)
{
	const struct rj_difference *one;

	if (!out || i >= rejunit_diff_count(d, kind))
		return false;
	one = d->diff.of[kind].list[i];
	*out = (struct rejunit_changed){ .before = one->before,
		.after = one->after,
		.tests_before = one->old_tests,
		.tests_after = one->new_tests,
		.excused = one->excused };
	if (one->old_case)
		out->old_case = rj_data_case(&d->data, one->old_case);
	if (one->new_case)
		out->new_case = rj_data_case(&d->data, one->new_case);
	out->old_case.nanoseconds = one->old_time;
	out->new_case.nanoseconds = one->new_time;
	return true;
}

/* What a case failed with at first; empty for nothing. */
static enum rejunit_status
read_signature(struct rejunit_diff *d, const struct rj_case *c,
    char out[RJ_SIGNATURE_SIZE], struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;
	struct rj_execution x = { .outcome = REJUNIT_ABSENT };
	size_t step = 0;

	out[0] = '\0';
	while (!rejunit_is_bad(x.outcome))
		if (!rj_next_execution(c, &step, &x))
			return REJUNIT_OK;
	status = rj_read_details(&d->data.details, d->reports, &x, err);
	if (!status)
		memcpy(out, d->data.details.signature, RJ_SIGNATURE_SIZE);
	return status;
}

enum rejunit_status
rejunit_diff_alike(
    struct rejunit_diff *d, size_t i, int *alike, struct rejunit_error *err)
{
	char before[RJ_SIGNATURE_SIZE], after[RJ_SIGNATURE_SIZE];
	const struct rj_difference *one;
	enum rejunit_status status =
	    rj_need_both(d, "a comparison", alike, "a place", err);

	if (status)
		return status;
	if (i >= rejunit_diff_count(d, REJUNIT_DIFF_STILL_FAILING))
		return rj_fail(err, REJUNIT_USAGE, "there is no such test");
	one = d->diff.of[REJUNIT_DIFF_STILL_FAILING].list[i];
	status = read_signature(d, one->old_case, before, err);
	if (!status)
		status = read_signature(d, one->new_case, after, err);
	if (status)
		return status;
	*alike =
	    one->old_tests > 1 || one->new_tests > 1 || !before[0] || !after[0]
		? -1
		: strcmp(before, after) == 0;
	return REJUNIT_OK;
}

bool
rejunit_diff_run(
    const struct rejunit_diff *d, bool after, struct rejunit_report *out)
{
	if (!d || !d->read || !out)
		return false;
	*out = d->sums[after ? RJ_NEW : RJ_OLD];
	return true;
}

size_t
rejunit_diff_failures(const struct rejunit_diff *d)
{
	const struct rj_differences *l;
	size_t n, before, after;

	if (!d)
		return 0;
	l = &d->diff.of[REJUNIT_DIFF_NEWLY_FAILING];
	before = d->sums[RJ_OLD].loose;
	after = d->sums[RJ_NEW].loose;
	n = after > before ? after - before : 0;
	for (size_t i = 0; i < l->n; i++)
		n += !l->list[i]->excused;
	return n;
}

const char *
rejunit_diff_warning(const struct rejunit_diff *d, size_t i)
{
	return d ? rj_warning(&d->warnings, i) : NULL;
}

enum rejunit_status
rejunit_diff_write(struct rejunit_diff *d, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	if (!d || !write)
		return rj_need_both(
		    d, "a comparison", write, "a function that writes", err);
	if (!d->read)
		return rj_fail(err, REJUNIT_USAGE, "no reports are read yet");
	return rj_diff_write(d, format, write, ctx, err);
}
