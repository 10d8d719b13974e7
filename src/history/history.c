#include "history/history.h"

#include <stdio.h>

enum rejunit_status
rj_history_run(struct rj_history *h, const char *sql,
    const struct rj_db_value *values, int n, rj_db_row_fn *row, void *ctx)
{
	return h->db.driver->run(&h->db, sql, values, n, row, ctx);
}

/* --- its version ---------------------------------------------------------- */

static int64_t
newest(const struct rj_history *h)
{
	int64_t n = 0;

	while (h->db.driver->steps[n])
		n++;
	return n;
}

static enum rejunit_status
find_version(struct rj_history *h, int64_t *version)
{
	enum rejunit_status status = h->db.driver->version(&h->db, version);

	if (!status && *version < 0)
		status = rj_fail_at(h->db.err, REJUNIT_INPUT, h->db.name, 0, 0,
		    "is no history, or it is damaged");
	if (!status && *version > newest(h))
		status = rj_fail_at(h->db.err, REJUNIT_INPUT, h->db.name, 0, 0,
		    "is a history of version %lld, which is newer than this "
		    "rejunit: %lld is the newest that it knows",
		    (long long)*version, (long long)newest(h));
	return status;
}

/* From its version to the newest, a step at a time. */
static enum rejunit_status
migrate(struct rj_history *h)
{
	int64_t version = 0;
	enum rejunit_status status = h->db.driver->prepare(&h->db);

	if (!status)
		status = rj_history_begin(h, true);
	if (status)
		return status;
	/* somebody else may have been faster */
	status = find_version(h, &version);
	for (; !status && h->db.driver->steps[version]; version++)
		for (rj_db_step s = h->db.driver->steps[version]; *s && !status;
		     s++)
			status = h->db.driver->execute(&h->db, *s);
	return rj_history_end(h, status);
}

static enum rejunit_status
look_at_version(struct rj_history *h, bool write)
{
	int64_t version = 0;
	enum rejunit_status status = rj_history_begin(h, false);

	if (status)
		return status;
	status = rj_history_end(h, find_version(h, &version));
	if (status || version == newest(h))
		return status;
	if (write)
		return migrate(h);
	if (version == 0)
		return rj_fail_at(h->db.err, REJUNIT_INPUT, h->db.name, 0, 0,
		    "is empty: nothing has been recorded");
	return rj_fail_at(h->db.err, REJUNIT_INPUT, h->db.name, 0, 0,
	    "is a history of version %lld: whatever is recorded in it next "
	    "brings it to version %lld",
	    (long long)version, (long long)newest(h));
}

/* --- opening and closing -------------------------------------------------- */

enum rejunit_status
rj_history_open(struct rj_history *h, const char *name, bool write,
    struct rejunit_error *err)
{
	enum rejunit_status status;
	char why[1024];

	*h = (struct rj_history){ .db.err = err };
	if (!name) {
		name = ":memory:";
		write = true;
	}
	if (!*name)
		return rj_fail(err, REJUNIT_USAGE, "a history has a name");
	snprintf(h->db.name, sizeof(h->db.name), "%s", name);
	h->db.driver = rj_db_driver(name, why, sizeof(why));
	if (!h->db.driver)
		return rj_fail_at(err, write ? REJUNIT_OUTPUT : REJUNIT_INPUT,
		    "postgresql://", 0, 0, "%s", why);
	status = h->db.driver->open(&h->db, name, write);
	return status ? status : look_at_version(h, write);
}

static void
forget_numbers(struct rj_history *h)
{
	struct rj_numbers *const all[] = { &h->runs, &h->tests, &h->words,
		&h->places };

	for (int i = 0; i < 4; i++) {
		rj_map_free(&all[i]->known);
		*all[i] = (struct rj_numbers){ .last = -1 };
	}
	rj_arena_reset(&h->arena);
	h->month = 0;
}

void
rj_history_close(struct rj_history *h)
{
	if (h->db.driver)
		h->db.driver->close(&h->db);
	forget_numbers(h);
	rj_arena_free(&h->arena);
}

/* Ends what has failed; what went wrong first is what is told. */
static enum rejunit_status
give_up(struct rj_history *h, enum rejunit_status status)
{
	struct rejunit_error why = *h->db.err;

	(void)h->db.driver->end(&h->db, false);
	*h->db.err = why;
	return status;
}

enum rejunit_status
rj_history_begin(struct rj_history *h, bool write)
{
	enum rejunit_status status;

	/* others may have written since */
	forget_numbers(h);
	status = h->db.driver->begin(&h->db, write);
	return status ? give_up(h, status) : REJUNIT_OK;
}

enum rejunit_status
rj_history_end(struct rj_history *h, enum rejunit_status status)
{
	if (!status)
		status = h->db.driver->end(&h->db, true);
	return status ? give_up(h, status) : REJUNIT_OK;
}
