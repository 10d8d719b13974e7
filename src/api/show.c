#include <stdlib.h>

#include "api/handle.h"
#include "show/show.h"

#define SLOWEST_MAX 1000

struct rejunit_survey {
	struct rj_arena arena;
	struct rejunit_reader *reader;
	struct rj_show show;
};

enum rejunit_status
rejunit_survey_new(struct rejunit_survey **out, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rejunit_survey *s = rj_handle_new(out, sizeof(*s), &status, err);

	if (!s)
		return status;
	s->show.arena = &s->arena;
	status = rejunit_reader_new(&s->reader, err);
	if (status)
		free(s);
	else
		*out = s;
	return status;
}

void
rejunit_survey_free(struct rejunit_survey *s)
{
	if (!s)
		return;
	rejunit_reader_free(s->reader);
	rj_show_free(&s->show);
	rj_arena_free(&s->arena);
	free(s);
}

/* Settings come before the first report. */
static enum rejunit_status
need_no_report(const struct rejunit_survey *s, struct rejunit_error *err)
{
	if (s && s->show.n_reports)
		return rj_fail(err, REJUNIT_USAGE, "there is a report already");
	return rj_need(s, "a survey", err);
}

enum rejunit_status
rejunit_survey_slowest(
    struct rejunit_survey *s, size_t n, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_report(s, err);

	if (!status)
		s->show.slowest = n < SLOWEST_MAX ? n : SLOWEST_MAX;
	return status;
}

enum rejunit_status
rejunit_survey_limit(
    struct rejunit_survey *s, size_t n, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_report(s, err);

	if (status)
		return status;
	s->show.limited = true;
	s->show.limit = n;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_survey_repair(
    struct rejunit_survey *s, bool repair, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_report(s, err);

	return status ? status : rejunit_reader_repair(s->reader, repair, err);
}

enum rejunit_status
rejunit_survey_rootdir(
    struct rejunit_survey *s, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_report(s, err);

	return status ? status : rejunit_reader_rootdir(s->reader, path, err);
}

enum rejunit_status
rejunit_survey_report_from(struct rejunit_survey *s,
    const struct rejunit_input *in, struct rejunit_error *err)
{
	struct rj_show part;
	enum rejunit_status status = rj_need(s, "a survey", err);

	if (status)
		return status;
	part = rj_show_part(&s->show);
	part.err = err;
	status =
	    rejunit_reader_read(s->reader, in, &rj_show_visitor, &part, err);
	if (!status && !rj_show_take(&s->show, &part))
		status = rj_fail_memory(err);
	rj_show_free(&part);
	return status;
}

enum rejunit_status
rejunit_survey_report(
    struct rejunit_survey *s, const char *path, struct rejunit_error *err)
{
	const struct rejunit_input in = rejunit_path(path);

	return rejunit_survey_report_from(s, &in, err);
}

size_t
rejunit_survey_count(const struct rejunit_survey *s, enum rejunit_count what)
{
	const struct rejunit_report *sums;

	if (!s)
		return 0;
	sums = &s->show.sums;
	switch (what) {
	case REJUNIT_COUNT_REPORTS:
		return s->show.n_reports;
	case REJUNIT_COUNT_CASES:
		return sums->cases;
	case REJUNIT_COUNT_PASSED:
		return sums->outcomes[REJUNIT_PASSED];
	case REJUNIT_COUNT_FAILED:
		return sums->outcomes[REJUNIT_FAILED];
	case REJUNIT_COUNT_ERRORS:
		return sums->outcomes[REJUNIT_ERROR];
	case REJUNIT_COUNT_SKIPPED:
		return sums->outcomes[REJUNIT_SKIPPED];
	case REJUNIT_COUNT_UNKNOWN:
		return sums->outcomes[REJUNIT_UNKNOWN];
	case REJUNIT_COUNT_REPORTED:
		return sums->flaky;
	case REJUNIT_COUNT_BAD_BEFORE:
	case REJUNIT_COUNT_BAD_AFTER:
		return sums->outcomes[REJUNIT_FAILED] +
		       sums->outcomes[REJUNIT_ERROR];
	case REJUNIT_COUNT_NAMELESS:
		return sums->nameless;
	case REJUNIT_COUNT_LOOSE:
		return sums->loose;
	default:
		return 0;
	}
}

const char *
rejunit_survey_time(const struct rejunit_survey *s)
{
	return s ? s->show.seconds : "";
}

const struct rejunit_entry *
rejunit_survey_entry(
    const struct rejunit_survey *s, enum rejunit_list list, size_t i)
{
	const struct rj_entries *l;

	if (!s || (unsigned int)list > REJUNIT_LIST_SLOWEST)
		return NULL;
	l = &s->show.lists[list];
	return i < l->n ? l->list[i] : NULL;
}

const char *
rejunit_survey_warning(const struct rejunit_survey *s, size_t i)
{
	return s ? rejunit_reader_warning(s->reader, i) : NULL;
}

enum rejunit_status
rejunit_survey_write(struct rejunit_survey *s, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	if (!s || !write)
		return rj_need_both(
		    s, "a survey", write, "a function that writes", err);
	return rj_show_write(&s->show, write, ctx, err);
}

const char *
rejunit_entry_id(const struct rejunit_entry *e)
{
	return e && e->id.s ? e->id.s : "";
}

const char *
rejunit_entry_name(const struct rejunit_entry *e)
{
	return e && e->title.s ? e->title.s : "";
}

const char *
rejunit_entry_what(const struct rejunit_entry *e)
{
	return e && e->what.s ? e->what.s : "";
}

const char *
rejunit_entry_time(const struct rejunit_entry *e)
{
	return e ? e->seconds : "";
}

enum rejunit_verdict
rejunit_entry_verdict(const struct rejunit_entry *e)
{
	return e ? e->verdict : REJUNIT_ABSENT;
}
