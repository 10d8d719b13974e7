/* The options of quarantines, and what is said of them. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define MOST_MAX 1000000
#define NAMED	 20 /* entries that are told, of each kind */

bool
set_excuse_option(
    const struct command *c, struct excuses *e, int id, const char *arg)
{
	static const char *const words[] = { "red", "skip", NULL };
	double n;
	int word;

	switch (id) {
	case OPT_QUARANTINE:
		e->path = arg;
		return true;
	case OPT_MAX_QUARANTINED:
		if (!set_count(c, "max-quarantined", arg, MOST_MAX, &n))
			return false;
		e->most = (size_t)n;
		return e->has_most = true;
	case OPT_QUARANTINED:
		if (!set_word(c, "quarantined", words, arg, &word))
			return false;
		e->skip = word == 1;
		return e->says_how = true;
	case OPT_RECOVER_ONLY:
		e->recover_only = arg;
		return true;
	case OPT_HISTORY:
		return set_history(c, arg, &e->history);
	default:
		return false;
	}
}

bool
check_excuses(const struct command *c, const struct excuses *e)
{
	if (!e->path && (e->has_most || e->says_how))
		print_usage_error(c, "there is no --quarantine");
	else
		return true;
	return false;
}

/* Tests that are broken, as a history has them; where it cannot be reached,
   that is a warning. */
static enum rejunit_status
look_up_broken(struct excuses *e, struct rejunit_error *err)
{
	const struct rejunit_ranking how = { .top = 1 };
	struct rejunit_history *h = NULL;
	enum rejunit_status status =
	    rejunit_history_open(&h, e->history, false, err);

	if (!status)
		status = rejunit_history_rank(h, &how, err);
	if (!status)
		status = rejunit_quarantine_history(e->list, h, err);
	rejunit_history_free(h);
	if (status == REJUNIT_INPUT || status == REJUNIT_OUTPUT) {
		warn_of_history("no test is known to be broken", err);
		status = REJUNIT_OK;
	}
	return status;
}

enum rejunit_status
read_excuses(struct excuses *e, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;

	if (e->path)
		status = rejunit_quarantine_read(&e->list, e->path, 0, err);
	if (!status && e->path && e->has_most)
		status = rejunit_quarantine_most(e->list, e->most, err);
	if (!status && e->recover_only)
		status = rejunit_quarantine_read(
		    &e->recoverable, e->recover_only, 0, err);
	return status;
}

enum rejunit_status
find_broken(struct excuses *e, struct rejunit_error *err)
{
	if (!e->history)
		e->history = named_history();
	return e->path && e->history ? look_up_broken(e, err) : REJUNIT_OK;
}

enum rejunit_status
excuse_update(
    struct excuses *e, struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;

	if (e->list)
		status = rejunit_update_quarantine(u, e->list, e->skip, err);
	if (!status && e->recoverable)
		status = rejunit_update_recover_only(u, e->recoverable, err);
	return status;
}

void
free_excuses(struct excuses *e)
{
	rejunit_quarantine_free(e->list);
	rejunit_quarantine_free(e->recoverable);
}

static void
print_kind(
    const struct terminal *t, const struct excuses *e, enum rejunit_excuse kind)
{
	struct rejunit_quarantined q;
	size_t n = 0;

	for (size_t i = 0; rejunit_quarantine_entry(e->list, i, &q); i++) {
		if (q.excuse != kind || n++ >= NAMED)
			continue;
		colour(t, kind == REJUNIT_EXCUSED ? "33"
			  : q.failed		  ? "31"
						  : "2");
		fprintf(t->to, "  %-22s", rejunit_excuse_name(kind));
		colour(t, "0");
		print_text(t, q.id, t->width ? t->width - 24 : 0);
		if (*q.until) {
			fputs("  until ", t->to);
			print_text(t, q.until, 0);
		}
		if (*q.owner) {
			fputs(", ", t->to);
			print_text(t, q.owner, 0);
		}
		if (*q.why) {
			fputs(", ", t->to);
			print_text(t, q.why, 0);
		}
		fputc('\n', t->to);
	}
	if (n > NAMED)
		fprintf(t->to, "  ... and %zu more\n", n - NAMED);
}

void
print_excuses(const struct excuses *e)
{
	struct terminal t = terminal_on(stderr);
	size_t n = rejunit_quarantine_excused(e->list);

	if (!e->list)
		return;
	fputs("rejunit: ", t.to);
	print_text(&t, e->path, 0);
	fprintf(t.to, ": %zu failure%s excused\n", n, n == 1 ? "" : "s");
	for (int kind = 0; kind <= REJUNIT_EXCUSE_TOO_MANY; kind++)
		print_kind(&t, e, (enum rejunit_excuse)kind);
}
