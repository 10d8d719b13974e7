#include <stdlib.h>

#include "file/fileset.h"
#include "list/runner_id.h"
#include "show/show.h"

#define SLOWEST_MAX 1000

struct rejunit_survey {
	struct rj_arena arena;
	struct rj_show survey;
};

enum rejunit_status
rejunit_survey_new(struct rejunit_survey **out, struct rejunit_error *err)
{
	struct rejunit_survey *s = out ? calloc(1, sizeof(*s)) : NULL;

	if (!s)
		return out ? rj_fail_memory(err)
			   : rj_need(false, "a place", err);
	s->survey.arena = s->survey.warnings.arena = &s->arena;
	*out = s;
	return REJUNIT_OK;
}

void
rejunit_survey_free(struct rejunit_survey *s)
{
	if (!s)
		return;
	rj_rootdir_free(s->survey.rootdir);
	rj_show_free(&s->survey);
	rj_arena_free(&s->arena);
	free(s);
}

void
rejunit_survey_slowest(struct rejunit_survey *s, size_t n)
{
	if (s)
		s->survey.slowest = n < SLOWEST_MAX ? n : SLOWEST_MAX;
}

void
rejunit_survey_limit(struct rejunit_survey *s, size_t n)
{
	if (!s)
		return;
	s->survey.limited = true;
	s->survey.limit = n;
}

void
rejunit_survey_repair(struct rejunit_survey *s, bool repair)
{
	if (s)
		s->survey.repair = repair;
}

/* The survey, or a path. */
static enum rejunit_status
need_survey(const struct rejunit_survey *s, struct rejunit_error *err)
{
	return rj_need(false, s ? "a path" : "a survey", err);
}

enum rejunit_status
rejunit_survey_rootdir(
    struct rejunit_survey *s, const char *path, struct rejunit_error *err)
{
	struct rj_rootdir *rootdir;

	if (!s || !path)
		return need_survey(s, err);
	rootdir = rj_rootdir_new(&s->arena, path);
	if (!rootdir)
		return rj_fail_memory(err);
	rj_rootdir_free(s->survey.rootdir);
	s->survey.rootdir = rootdir;
	return REJUNIT_OK;
}

/* Among a folder's files, what is no JUnit report is passed over. */
static enum rejunit_status
survey_file(struct rj_show *s, const struct rj_fileset_file *file,
    struct rejunit_error *err)
{
	bool foreign;
	enum rejunit_status status = rj_show_add(s, file->path, &foreign, err);

	if (!status || !foreign || !file->name)
		return status;
	return rj_warn(
		   &s->warnings, "%s: no JUnit report, passed over", file->path)
		   ? REJUNIT_OK
		   : rj_fail_memory(err);
}

enum rejunit_status
rejunit_survey_report(
    struct rejunit_survey *s, const char *path, struct rejunit_error *err)
{
	struct rj_fileset set;
	struct rj_show part;
	enum rejunit_status status;

	if (!s || !path)
		return need_survey(s, err);
	part = rj_show_part(&s->survey);
	status = rj_fileset_find(&set, &s->arena, path, err);
	for (size_t i = 0; i < set.n && !status; i++)
		status = survey_file(&part, &set.files[i], err);
	rj_fileset_free(&set);
	if (!status && part.n_reports == 0)
		status = rj_fail_at(
		    err, REJUNIT_INPUT, path, 0, 0, "holds no JUnit report");
	if (!status && !rj_show_take(&s->survey, &part))
		status = rj_fail_memory(err);
	rj_show_free(&part);
	return status;
}

size_t
rejunit_survey_count(const struct rejunit_survey *s, enum rejunit_count what)
{
	const struct rj_totals *sums;

	if (!s)
		return 0;
	sums = &s->survey.sums;
	switch (what) {
	case REJUNIT_COUNT_REPORTS:
		return s->survey.n_reports;
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
	return s ? s->survey.seconds : "";
}

const struct rejunit_entry *
rejunit_survey_entry(
    const struct rejunit_survey *s, enum rejunit_list list, size_t i)
{
	const struct rj_entries *l;

	if (!s || (unsigned int)list > REJUNIT_LIST_SLOWEST)
		return NULL;
	l = &s->survey.lists[list];
	return i < l->n ? l->list[i] : NULL;
}

const char *
rejunit_survey_warning(const struct rejunit_survey *s, size_t i)
{
	return s ? rj_warning(&s->survey.warnings, i) : NULL;
}

enum rejunit_status
rejunit_survey_write(struct rejunit_survey *s, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	if (!s || !write)
		return rj_need(
		    false, s ? "a function that writes" : "a survey", err);
	return rj_show_write(&s->survey, write, ctx, err);
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
