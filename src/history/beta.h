/*
 * beta.h - what is known of a rate, as a Beta distribution.
 */
#ifndef RJ_BETA_H
#define RJ_BETA_H

/* Of a and b, both above 0, the value below which a share of it lies. */
double rj_beta_quantile(double a, double b, double share);

#endif
