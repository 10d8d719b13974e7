/*
 * audit.h - what is wrong with a report.
 *
 * One call goes through one report and adds what it finds to a list. A report
 * that cannot be parsed is a finding like others; where that is a matter of
 * characters alone, the rest is looked at as a repair would leave it.
 */
#ifndef RJ_AUDIT_H
#define RJ_AUDIT_H

#include "audit/findings.h"

/*
 * The input's name lives as long as the findings, which name it. *foreign: it
 * is XML, and no JUnit report.
 */
enum rejunit_status
rj_audit(struct rj_findings *f, const struct rejunit_input *in,
    enum rejunit_profile profile, bool *foreign, struct rejunit_error *err);

#endif
