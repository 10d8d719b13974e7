/*
 * csv.h - cells of CSV, which no spreadsheet takes for formulas.
 */
#ifndef RJ_CSV_H
#define RJ_CSV_H

#include "out/out.h"

void rj_csv_cell(struct rj_out *o, struct rj_str s, const char *end);

#endif
