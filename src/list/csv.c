/* For spreadsheets, which must not take a cell for a formula. */
#include "out/csv.h"
#include "list/lines.h"

#define COLUMNS                                                         \
	"id,classname,name,file,suite,hostname,direction,type,message," \
	"signature\r\n"

static void
put_line(struct rj_list *l, size_t i, enum rejunit_flaky direction)
{
	struct rejunit_execution x;
	struct rejunit_case c;

	if (!rejunit_update_test(l->update, i, &c))
		return;
	rj_csv_cell(&l->out, rj_list_line(l, rejunit_case_id(&c)), ",");
	rj_csv_cell(&l->out, rj_text(c.classname), ",");
	rj_csv_cell(&l->out, rj_text(c.name), ",");
	rj_csv_cell(&l->out, rj_text(c.file), ",");
	rj_csv_cell(&l->out, rj_text(c.suite), ",");
	rj_csv_cell(&l->out, rj_text(c.hostname), ",");
	rj_csv_cell(&l->out, rj_str(rejunit_flaky_name(direction)), ",");
	if (!rj_list_failure(l, i, &x)) {
		rj_list_put(l, ",,\r\n");
		return;
	}
	rj_csv_cell(&l->out, rj_text(x.type), ",");
	rj_csv_cell(&l->out, rj_text(x.what), ",");
	rj_csv_cell(&l->out, rj_text(x.signature), "\r\n");
}

void
rj_list_csv(struct rj_list *l)
{
	const struct rejunit_decision *d;

	rj_list_put(l, COLUMNS);
	for (size_t i = 0; !l->out.status &&
			   (d = rejunit_update_decision(l->update, i)) != NULL;
	     i++)
		if (rj_list_is_flaky(d))
			put_line(l, i, rejunit_decision_flaky(d));
}
