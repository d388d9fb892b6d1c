/* The linear algebra of the light edition: what NumPy and FAISS ask OpenBLAS for, for one processor core with AVX2.
 *
 * OpenBLAS holds these functions once for each kind of processor, which makes 25 MiB of them. Products of real numbers are
 * computed in blocks that stay in the caches, those of complex numbers, which Alcove does not have, plainly. Of LAPACK
 * only the solution of least squares is here; small_blas.py adds functions that end the program for all else.
 */
#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t whole;
typedef float floats __attribute__((vector_size(32), aligned(4), may_alias));
typedef double doubles __attribute__((vector_size(32), aligned(8), may_alias));
typedef float complex cfloat;
typedef double complex cdouble;

enum { ROWS = 101, PLAIN = 111, TURNED = 112, CONJUGATE = 113, UPPER = 121 };
#define BLOCK_M 192
#define BLOCK_K 256
#define BLOCK_N 1536
#define COLUMNS 6

static float same_s(float x) { return x; }
static double same_d(double x) { return x; }

static whole start(whole n, whole step) { return step < 0 ? (1 - n) * step : 0; }

static void *memory(size_t bytes)
{
    void *found = NULL;
    if (posix_memalign(&found, 64, bytes ? bytes : 64)) {
        fprintf(stderr, "There is not enough memory to multiply: %zu bytes were wanted.\n", bytes);
        abort();
    }
    return found;
}

/* c (column-major, m by n) += alpha * a (m by k) * b (k by n), whose elements lie at a[i * a1 + p * a2], b[p * b1 + j * b2] */
#define BLOCKED(T, V, name)                                                                                             \
    static void name(whole m, whole n, whole k, T alpha, const T *a, whole a1, whole a2, const T *b, whole b1,          \
        whole b2, T *c, whole ldc)                                                                                      \
    {                                                                                                                   \
        enum { WIDE = sizeof(V) / sizeof(T), TALL = 2 * WIDE };                                                         \
        whole wide = n < BLOCK_N ? (n + COLUMNS - 1) / COLUMNS * COLUMNS : BLOCK_N;                                     \
        T *left = memory(sizeof(T) * BLOCK_M * BLOCK_K), *right = memory(sizeof(T) * wide * BLOCK_K);                   \
        for (whole jc = 0; jc < n; jc += BLOCK_N)                                                                       \
            for (whole pc = 0; pc < k; pc += BLOCK_K) {                                                                 \
                whole nb = n - jc < BLOCK_N ? n - jc : BLOCK_N, kb = k - pc < BLOCK_K ? k - pc : BLOCK_K;               \
                T *to = right;                                                                                          \
                for (whole j = 0; j < nb; j += COLUMNS)                                                                 \
                    for (whole p = 0; p < kb; p++)                                                                      \
                        for (whole q = 0; q < COLUMNS; q++)                                                             \
                            *to++ = j + q < nb ? alpha * b[(pc + p) * b1 + (jc + j + q) * b2] : 0;                      \
                for (whole ic = 0; ic < m; ic += BLOCK_M) {                                                             \
                    whole mb = m - ic < BLOCK_M ? m - ic : BLOCK_M;                                                     \
                    to = left;                                                                                          \
                    for (whole i = 0; i < mb; i += TALL)                                                                \
                        for (whole p = 0; p < kb; p++)                                                                  \
                            for (whole q = 0; q < TALL; q++)                                                            \
                                *to++ = i + q < mb ? a[(ic + i + q) * a1 + (pc + p) * a2] : 0;                          \
                    for (whole j = 0; j < nb; j += COLUMNS)                                                             \
                        for (whole i = 0; i < mb; i += TALL) {                                                          \
                            const T *x = left + i * kb, *y = right + j * kb;                                            \
                            V top[COLUMNS] = {0}, low[COLUMNS] = {0};                                                   \
                            for (whole p = 0; p < kb; p++, x += TALL, y += COLUMNS) {                                   \
                                V first = *(const V *)x, second = *(const V *)(x + WIDE);                               \
                                _Pragma("GCC unroll 6") for (int q = 0; q < COLUMNS; q++)                               \
                                {                                                                                       \
                                    top[q] += first * y[q];                                                             \
                                    low[q] += second * y[q];                                                            \
                                }                                                                                       \
                            }                                                                                           \
                            for (whole q = 0; q < COLUMNS && j + q < nb; q++) {                                         \
                                T *into = c + (ic + i) + (jc + j + q) * ldc;                                            \
                                for (whole r = 0; r < TALL && i + r < mb; r++)                                          \
                                    into[r] += r < WIDE ? top[q][r] : low[q][r - WIDE];                                 \
                            }                                                                                           \
                        }                                                                                               \
                }                                                                                                       \
            }                                                                                                           \
        free(left);                                                                                                     \
        free(right);                                                                                                    \
    }

#define PLAINLY(T, name)                                                                                                \
    static void name(whole m, whole n, whole k, T alpha, const T *a, whole a1, whole a2, const T *b, whole b1,          \
        whole b2, T *c, whole ldc)                                                                                      \
    {                                                                                                                   \
        for (whole j = 0; j < n; j++)                                                                                   \
            for (whole p = 0; p < k; p++) {                                                                             \
                T by = alpha * b[p * b1 + j * b2];                                                                      \
                for (whole i = 0; i < m; i++) c[i + j * ldc] += a[i * a1 + p * a2] * by;                                \
            }                                                                                                           \
    }

BLOCKED(float, floats, add_product_s)
BLOCKED(double, doubles, add_product_d)
PLAINLY(cfloat, add_product_c)
PLAINLY(cdouble, add_product_z)

/* A copy of `x` as it is, its elements conjugated, where one is asked for. */
#define CONJUGATED(T, conj_, name)                                                                                      \
    static T *name(const T *x, whole lines, whole length, whole ld)                                                     \
    {                                                                                                                   \
        T *made = memory(sizeof(T) * lines * ld);                                                                       \
        for (whole j = 0; j < lines; j++)                                                                               \
            for (whole i = 0; i < length; i++) made[j * ld + i] = conj_(x[j * ld + i]);                                 \
        return made;                                                                                                    \
    }

CONJUGATED(float, same_s, conjugated_s)
CONJUGATED(double, same_d, conjugated_d)
CONJUGATED(cfloat, conjf, conjugated_c)
CONJUGATED(cdouble, conj, conjugated_z)

#define LEVELS(T, l, GIVEN, VALUE, conj_)                                                                               \
    static void gemm_##l(int ta, int tb, whole m, whole n, whole k, T alpha, const T *a, whole lda, const T *b,         \
        whole ldb, T beta, T *c, whole ldc)                                                                             \
    {                                                                                                                   \
        for (whole j = 0; j < n; j++)                                                                                   \
            for (whole i = 0; i < m; i++) c[i + j * ldc] = beta == (T)0 ? 0 : beta * c[i + j * ldc];                    \
        if (m <= 0 || n <= 0 || k <= 0 || alpha == (T)0) return;                                                        \
        T *ca = ta == CONJUGATE ? conjugated_##l(a, m, k, lda) : NULL;                                                  \
        T *cb = tb == CONJUGATE ? conjugated_##l(b, k, n, ldb) : NULL;                                                  \
        add_product_##l(m, n, k, alpha, ca ? ca : a, ta == PLAIN ? 1 : lda, ta == PLAIN ? lda : 1, cb ? cb : b,         \
            tb == PLAIN ? 1 : ldb, tb == PLAIN ? ldb : 1, c, ldc);                                                      \
        free(ca);                                                                                                       \
        free(cb);                                                                                                       \
    }                                                                                                                   \
    void scipy_cblas_##l##gemm64_(int order, int ta, int tb, whole m, whole n, whole k, GIVEN alpha, const T *a,        \
        whole lda, const T *b, whole ldb, GIVEN beta, T *c, whole ldc)                                                  \
    {                                                                                                                   \
        if (order == ROWS) gemm_##l(tb, ta, n, m, k, VALUE(alpha), b, ldb, a, lda, VALUE(beta), c, ldc);                \
        else gemm_##l(ta, tb, m, n, k, VALUE(alpha), a, lda, b, ldb, VALUE(beta), c, ldc);                              \
    }                                                                                                                   \
    void scipy_cblas_##l##gemv64_(int order, int ta, whole m, whole n, GIVEN alpha, const T *a, whole lda, const T *x,  \
        whole step_x, GIVEN beta, T *y, whole step_y)                                                                   \
    {                                                                                                                   \
        int down = (order == ROWS) != (ta == PLAIN); /* the sums run along columns that lie in one piece or apart */    \
        whole rows = ta == PLAIN ? m : n, terms = ta == PLAIN ? n : m;                                                  \
        T by = VALUE(alpha), keep = VALUE(beta);                                                                        \
        const T *x0 = x + start(terms, step_x);                                                                         \
        T *y0 = y + start(rows, step_y), *sums = memory(sizeof(T) * (rows > 0 ? rows : 1));                             \
        memset(sums, 0, sizeof(T) * (rows > 0 ? rows : 1));                                                             \
        if (!down)                                                                                                      \
            for (whole i = 0; i < rows; i++) {                                                                          \
                const T *line = a + i * lda;                                                                            \
                T sum = 0;                                                                                              \
                if (ta == CONJUGATE)                                                                                    \
                    for (whole p = 0; p < terms; p++) sum += conj_(line[p]) * x0[p * step_x];                           \
                else if (step_x == 1)                                                                                   \
                    for (whole p = 0; p < terms; p++) sum += line[p] * x0[p];                                           \
                else                                                                                                    \
                    for (whole p = 0; p < terms; p++) sum += line[p] * x0[p * step_x];                                  \
                sums[i] = sum;                                                                                          \
            }                                                                                                           \
        else                                                                                                            \
            for (whole p = 0; p < terms; p++) {                                                                         \
                const T *line = a + p * lda;                                                                            \
                T each = x0[p * step_x];                                                                                \
                if (ta == CONJUGATE)                                                                                    \
                    for (whole i = 0; i < rows; i++) sums[i] += conj_(line[i]) * each;                                  \
                else                                                                                                    \
                    for (whole i = 0; i < rows; i++) sums[i] += line[i] * each;                                         \
            }                                                                                                           \
        for (whole i = 0; i < rows; i++)                                                                                \
            y0[i * step_y] = by * sums[i] + (keep == (T)0 ? 0 : keep * y0[i * step_y]);                                 \
        free(sums);                                                                                                     \
    }                                                                                                                   \
    void scipy_cblas_##l##syrk64_(int order, int uplo, int trans, whole n, whole k, GIVEN alpha, const T *a, whole lda, \
        GIVEN beta, T *c, whole ldc)                                                                                    \
    {                                                                                                                   \
        if (n <= 0) return;                                                                                             \
        int plain = (trans == PLAIN) != (order == ROWS), upper = (uplo == UPPER) != (order == ROWS);                    \
        T by = VALUE(alpha), keep = VALUE(beta), *made = memory(sizeof(T) * n * n);                                     \
        gemm_##l(plain ? PLAIN : TURNED, plain ? TURNED : PLAIN, n, n, k, by, a, lda, a, lda, 0, made, n);              \
        for (whole j = 0; j < n; j++)                                                                                   \
            for (whole i = upper ? 0 : j; i < (upper ? j + 1 : n); i++)                                                 \
                c[i + j * ldc] = made[i + j * n] + (keep == (T)0 ? 0 : keep * c[i + j * ldc]);                          \
        free(made);                                                                                                     \
    }                                                                                                                   \
    void scipy_cblas_##l##axpy64_(whole n, GIVEN alpha, const T *x, whole step_x, T *y, whole step_y)                   \
    {                                                                                                                   \
        T by = VALUE(alpha);                                                                                            \
        x += start(n, step_x), y += start(n, step_y);                                                                   \
        for (whole i = 0; i < n; i++) y[i * step_y] += by * x[i * step_x];                                              \
    }                                                                                                                   \
    void scipy_##l##copy_64_(const whole *n, const T *x, const whole *step_x, T *y, const whole *step_y)                \
    {                                                                                                                   \
        x += start(*n, *step_x), y += start(*n, *step_y);                                                               \
        for (whole i = 0; i < *n; i++) y[i * *step_y] = x[i * *step_x];                                                 \
    }

#define BY_VALUE(x) (x)
#define BY_PLACE_C(x) (*(const cfloat *)(x))
#define BY_PLACE_Z(x) (*(const cdouble *)(x))
LEVELS(float, s, float, BY_VALUE, same_s)
LEVELS(double, d, double, BY_VALUE, same_d)
LEVELS(cfloat, c, const void *, BY_PLACE_C, conjf)
LEVELS(cdouble, z, const void *, BY_PLACE_Z, conj)

#define DOT(T, name)                                                                                                    \
    T name(whole n, const T *x, whole step_x, const T *y, whole step_y)                                                 \
    {                                                                                                                   \
        T sum = 0;                                                                                                      \
        x += start(n, step_x), y += start(n, step_y);                                                                   \
        if (step_x == 1 && step_y == 1)                                                                                 \
            for (whole i = 0; i < n; i++) sum += x[i] * y[i];                                                           \
        else                                                                                                            \
            for (whole i = 0; i < n; i++) sum += x[i * step_x] * y[i * step_y];                                         \
        return sum;                                                                                                     \
    }
#define DOT_INTO(T, name, conj_)                                                                                        \
    void name(whole n, const T *x, whole step_x, const T *y, whole step_y, T *sum)                                      \
    {                                                                                                                   \
        T found = 0;                                                                                                    \
        x += start(n, step_x), y += start(n, step_y);                                                                   \
        for (whole i = 0; i < n; i++) found += conj_(x[i * step_x]) * y[i * step_y];                                    \
        *sum = found;                                                                                                   \
    }

DOT(float, scipy_cblas_sdot64_)
DOT(double, scipy_cblas_ddot64_)
DOT_INTO(cfloat, scipy_cblas_cdotu_sub64_, )
DOT_INTO(cfloat, scipy_cblas_cdotc_sub64_, conjf)
DOT_INTO(cdouble, scipy_cblas_zdotu_sub64_, )
DOT_INTO(cdouble, scipy_cblas_zdotc_sub64_, conj)

static int turned(const char *said) { return *said == 'N' || *said == 'n' ? PLAIN : TURNED; }

/* For FAISS, see share_blas.py. */
void scipy_sgemm_64_(const char *ta, const char *tb, const whole *m, const whole *n, const whole *k, const float *alpha,
    const float *a, const whole *lda, const float *b, const whole *ldb, const float *beta, float *c, const whole *ldc)
{
    gemm_s(turned(ta), turned(tb), *m, *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc);
}

static int downwards(const void *one, const void *other)
{
    double x = *(const double *)one, y = *(const double *)other;
    return (x < y) - (x > y);
}

/* Turns the columns of `w` (m by n, m >= n) until they stand upright on each other (Hestenes, 1958), and `v` with them. */
static int stand_upright(double *w, double *v, whole m, whole n)
{
    for (int round = 0; round < 100; round++) {
        int turns = 0;
        for (whole p = 0; p + 1 < n; p++)
            for (whole q = p + 1; q < n; q++) {
                double *x = w + p * m, *y = w + q * m, xx = 0, yy = 0, xy = 0;
                for (whole i = 0; i < m; i++) xx += x[i] * x[i], yy += y[i] * y[i], xy += x[i] * y[i];
                if (fabs(xy) <= 4 * DBL_EPSILON * sqrt(xx * yy) || xy == 0) continue;
                double tau = (yy - xx) / (2 * xy), t = (tau < 0 ? -1 : 1) / (fabs(tau) + hypot(1, tau));
                double cosine = 1 / hypot(1, t), sine = cosine * t;
                turns++;
                for (whole i = 0; i < m; i++) {
                    double one = x[i], other = y[i];
                    x[i] = cosine * one - sine * other, y[i] = sine * one + cosine * other;
                }
                for (whole i = 0; i < n; i++) {
                    double one = v[p * n + i], other = v[q * n + i];
                    v[p * n + i] = cosine * one - sine * other, v[q * n + i] = sine * one + cosine * other;
                }
            }
        if (!turns) return 0;
    }
    return 1;
}

/* Least squares with the smallest solution, by singular values. What is left over goes into b[n] of each right side. */
void scipy_dgelsd_64_(const whole *m_, const whole *n_, const whole *sides, const double *a, const whole *lda, double *b,
    const whole *ldb, double *s, const double *rcond, whole *rank, double *work, const whole *lwork, whole *iwork,
    whole *info)
{
    whole m = *m_, n = *n_, less = m < n ? m : n, more = m < n ? n : m;
    *info = 0;
    if (*lwork == -1) {
        work[0] = 1, iwork[0] = 1;
        return;
    }
    double *w = memory(sizeof(double) * more * less), *v = memory(sizeof(double) * less * less);
    double *own = memory(sizeof(double) * less), *x = memory(sizeof(double) * n), *part = memory(sizeof(double) * less);
    for (whole j = 0; j < less; j++)
        for (whole i = 0; i < more; i++) w[j * more + i] = m >= n ? a[i + j * *lda] : a[j + i * *lda];
    for (whole j = 0; j < less; j++)
        for (whole i = 0; i < less; i++) v[j * less + i] = i == j;
    *info = stand_upright(w, v, more, less);
    double largest = 0;
    for (whole j = 0; j < less; j++) {
        double sum = 0;
        for (whole i = 0; i < more; i++) sum += w[j * more + i] * w[j * more + i];
        own[j] = s[j] = sqrt(sum);
        largest = fmax(largest, s[j]);
    }
    double least = (*rcond < 0 ? DBL_EPSILON : *rcond) * largest;
    *rank = 0;
    for (whole j = 0; j < less; j++) *rank += own[j] > least;
    for (whole side = 0; side < *sides; side++) {
        double *of = b + side * *ldb, left = 0;
        memset(x, 0, sizeof(double) * n);
        for (whole j = 0; j < less; j++) {
            part[j] = 0;
            const double *by = m >= n ? w + j * more : v + j * less;
            for (whole i = 0; i < m; i++) part[j] += by[i] * of[i];
            part[j] = own[j] > least ? part[j] / (own[j] * own[j]) : 0;
            const double *along = m >= n ? v + j * less : w + j * more;
            for (whole i = 0; i < n; i++) x[i] += part[j] * along[i];
        }
        for (whole i = 0; i < m; i++) {
            double each = of[i];
            for (whole j = 0; j < n; j++) each -= a[i + j * *lda] * x[j];
            left += each * each;
        }
        memcpy(of, x, sizeof(double) * n);
        for (whole i = n; i < m; i++) of[i] = i == n ? sqrt(left) : 0;
    }
    qsort(s, less, sizeof(double), downwards);
    free(w), free(v), free(own), free(x), free(part);
}
