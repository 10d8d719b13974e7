#include "api/update.h"

#include <stdio.h>
#include <string.h>

#include "list/signature.h"

/* What the reports of the original add up to. */
static size_t
count_original(const struct rejunit_update *u, enum rejunit_count what)
{
	size_t n = 0;

	for (size_t i = 0; i < u->n_reports && u->reports[i].run == 0; i++) {
		const struct rj_report *r = &u->reports[i];
		const size_t counts[] = {
			[REJUNIT_COUNT_BAD_BEFORE] = r->bad,
			[REJUNIT_COUNT_CASES] = r->total,
			[REJUNIT_COUNT_NAMELESS] = r->nameless,
			[REJUNIT_COUNT_LOOSE] =
			    r->loose +
			    (u->options.recount ? 0 : r->unexplained),
			[REJUNIT_COUNT_UNKNOWN] = r->unknown,
			[REJUNIT_COUNT_BROKEN_OFF] =
			    r->crashed &&
			    !(u->options.assume & REJUNIT_ASSUME_COMPLETE),
		};

		if ((size_t)what < sizeof(counts) / sizeof(*counts))
			n += counts[what];
	}
	return n;
}

size_t
rejunit_update_count(const struct rejunit_update *u, enum rejunit_count what)
{
	static const enum rejunit_reason reasons[] = {
		[REJUNIT_COUNT_STILL_FAILING] = REJUNIT_STILL_FAILING,
		[REJUNIT_COUNT_SKIPPED_IN_RERUN] = REJUNIT_SKIPPED_IN_RERUN,
		[REJUNIT_COUNT_NOT_RERUN] = REJUNIT_NOT_RERUN,
		[REJUNIT_COUNT_AMBIGUOUS] = REJUNIT_AMBIGUOUS,
		[REJUNIT_COUNT_FIRST_RUN] = REJUNIT_FIRST_RUN,
		[REJUNIT_COUNT_NEW] = REJUNIT_NEW,
		[REJUNIT_COUNT_COVERAGE_UNKNOWN] = REJUNIT_COVERAGE_UNKNOWN,
		[REJUNIT_COUNT_UNKNOWN_IN_RERUN] = REJUNIT_UNKNOWN_IN_RERUN,
		[REJUNIT_COUNT_NOT_LISTED] = REJUNIT_NOT_LISTED,
	};

	if (!u || !u->planned)
		return 0;
	switch (what) {
	case REJUNIT_COUNT_RECOVERED:
		return u->flaky[REJUNIT_FLAKY_RECOVERED];
	case REJUNIT_COUNT_REGRESSED:
		return u->flaky[REJUNIT_FLAKY_REGRESSED];
	case REJUNIT_COUNT_REPORTED:
		return u->flaky[REJUNIT_FLAKY_REPORTED];
	case REJUNIT_COUNT_BAD_AFTER:
		return u->plan.bad_after;
	case REJUNIT_COUNT_ASSUMED:
		return u->assumed;
	case REJUNIT_COUNT_EXCUSED:
		return u->plan.excused;
	case REJUNIT_COUNT_LOOSE:
		return u->plan.loose + count_original(u, what);
	default:
		break;
	}
	if ((size_t)what < sizeof(reasons) / sizeof(*reasons) && reasons[what])
		return u->reasons[reasons[what]];
	return count_original(u, what);
}

const char *
rejunit_update_warning(const struct rejunit_update *u, size_t i)
{
	return u ? rj_warning(&u->plan.warnings, i) : NULL;
}

/* The decision of a number; NULL: there is none. */
static struct rejunit_decision *
decision_at(const struct rejunit_update *u, size_t i)
{
	return u && i < u->plan.n_decisions ? u->plan.decisions[i] : NULL;
}

const struct rejunit_decision *
rejunit_update_decision(const struct rejunit_update *u, size_t i)
{
	return decision_at(u, i);
}

bool
rejunit_decision_excused(const struct rejunit_decision *d)
{
	return d && d->excused;
}

unsigned int
rejunit_update_assumed(const struct rejunit_update *u)
{
	return u && u->planned ? u->plan.assumed : 0;
}

/* --- the cases of a decision ---------------------------------------------- */

bool
rejunit_update_test(
    struct rejunit_update *u, size_t i, struct rejunit_case *out)
{
	const struct rejunit_decision *d = decision_at(u, i);

	if (d && out)
		*out = rj_data_case(&u->data, d->slot->base);
	return d && out;
}

bool
rejunit_update_case(
    struct rejunit_update *u, size_t i, size_t k, struct rejunit_case *out)
{
	const struct rejunit_decision *d = decision_at(u, i);
	struct rj_cursor *at;

	if (!d || !out)
		return false;
	/* nearly always, it is the next one that is asked for */
	at = &u->cursor;
	if (at->of != d || at->k > k)
		*at = (struct rj_cursor){ d, 0, d->sightings };
	for (; at->sighting && at->k < k; at->k++)
		at->sighting = at->sighting->next;
	if (at->sighting)
		*out = rj_data_case(&u->data, at->sighting->at);
	return at->sighting != NULL;
}

/* The original's failures; of more than these, some are not known. */
#define KNOWN_MAX 8

/* What a test failed with: in the original, and whether in reruns, too. */
struct failures {
	char known[KNOWN_MAX][RJ_SIGNATURE_SIZE];
	size_t n;
	bool more; /* than there is room for */
	int alike;
};

static void
compare(struct failures *f, unsigned int run, const char *signature)
{
	size_t i = 0;

	while (i < f->n && strcmp(f->known[i], signature) != 0)
		i++;
	if (run > 0 && f->n > 0 && f->alike != 0)
		f->alike = i < f->n;
	else if (run == 0 && i == f->n && f->n == KNOWN_MAX)
		f->more = true;
	else if (run == 0 && i == f->n)
		snprintf(f->known[f->n++], RJ_SIGNATURE_SIZE, "%s", signature);
}

enum rejunit_status
rejunit_update_alike(
    struct rejunit_update *u, size_t i, int *alike, struct rejunit_error *err)
{
	struct failures f = { .alike = -1 };
	enum rejunit_status status = rj_need_plan(u, err);
	struct rejunit_execution x;
	struct rejunit_case c;

	if (!status)
		status = rj_need(alike, "a place", err);
	for (size_t k = 0; !status && rejunit_update_case(u, i, k, &c); k++)
		for (size_t step = 0; !status;) {
			status = rejunit_case_next(&c, &step, &x, err);
			if (status || x.outcome == REJUNIT_ABSENT)
				break;
			if (rejunit_is_bad(x.outcome))
				compare(&f, x.run,
				    x.signature.n ? x.signature.s : "");
		}
	if (!status)
		*alike = f.alike == 0 && f.more ? -1 : f.alike;
	return status;
}

/* What somebody asks for is made only then; NULL: out of memory. */
static const char *
made_once(struct rejunit_update *u, const struct rejunit_decision *d,
    struct rj_str *kept, const char *(*make)(const struct rejunit_case *c))
{
	struct rejunit_case c = rj_data_case(&u->data, d->slot->base);

	if (!kept->s && !rj_alloc_str(&u->arena, rj_str(make(&c)), kept))
		return NULL;
	return kept->s;
}

const char *
rejunit_update_id(struct rejunit_update *u, size_t i)
{
	struct rejunit_decision *d = decision_at(u, i);

	return d ? made_once(u, d, &d->id, rejunit_case_id) : NULL;
}

const char *
rejunit_update_name(struct rejunit_update *u, size_t i)
{
	struct rejunit_decision *d = decision_at(u, i);

	return d ? made_once(u, d, &d->title, rejunit_case_name) : NULL;
}
