/*
 * dialect.h - what one runner does that others do not.
 *
 * One table, a row a runner, asked as booleans. A row counts where the report
 * itself proves who wrote it; a suite that is named like a runner, or like its
 * class, proves nothing.
 */
#ifndef RJ_DIALECT_H
#define RJ_DIALECT_H

#include "model/case.h"

/* The form in which a runner takes a test back. */
enum rj_id_form {
	RJ_ID_OTHER, /* pytest's among them: nothing proves those */
	RJ_ID_SUREFIRE,
	RJ_ID_JUNIT_CONSOLE,
	RJ_ID_GOOGLETEST,
	RJ_ID_GO,
};

struct rj_dialect {
	const char *runner;
	bool names_are_unique; /* entries of one name in a suite are one test */
	bool keeps_order; /* and so do both runs, skipped tests included */
	bool hosts_are_projects; /* not the machines that it ran on */
	bool counts_assertions; /* in its counters, not cases */
	enum rj_id_form id_form;
};

/* The row of the runner that wrote a suite; one without a claim for others. */
const struct rj_dialect *rj_dialect_of(const struct rj_suite *s);

/*
 * A case of Python that names the file which its class name spells: there a
 * name is unique, as a second definition takes the place of the first.
 */
bool rj_names_python_file(const struct rj_case *c);

/*
 * A failing test of pytest and, behind it, the error of its teardown; traces
 * that name different files of tests tell them apart.
 */
bool rj_are_phases(const struct rj_case *a, const struct rj_case *b);

#endif
