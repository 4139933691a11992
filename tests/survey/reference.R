# Writes reference.json: what R's survey package says of the designs that test_against_r.py checks.
# Run: Rscript tests/survey/reference.R tests/survey   (needs the packages survey and its data sets; Debian: r-cran-survey)
suppressMessages(library(survey))
folder <- commandArgs(trailingOnly = TRUE)[1]
data(api)
keep <- c("cds", "stype", "dnum", "snum", "api00", "api99", "enroll", "api.stu", "meals", "ell", "mobility",
          "sch.wide", "awards", "pw", "fpc", "fpc1", "fpc2")
for (name in c("apistrat", "apiclus1", "apiclus2", "apisrs")) {
  frame <- get(name)
  frame <- frame[, intersect(keep, names(frame))]
  names(frame) <- gsub(".", "_", names(frame), fixed = TRUE)
  write.csv(frame, file.path(folder, "data", paste0(name, ".csv")), row.names = FALSE, na = "")
  assign(name, frame)
}
# Small strata, some with one unit; weights unequal; answers missing.
set.seed(20)
lonely <- data.frame(h = rep(1:6, c(6, 6, 4, 2, 2, 1)), u = c(1, 1, 2, 2, 3, 3, 1, 1, 1, 2, 2, 2, 1, 1, 2, 2, 1, 1, 1, 1, 1),
                     w = round(runif(21, 1, 4), 3), y = round(rnorm(21, 10, 3), 3), g = rep(c("a", "b", "c"), 7))
lonely$y[c(2, 9)] <- NA
write.csv(lonely, file.path(folder, "data", "lonely.csv"), row.names = FALSE, na = "")

out <- list()
put <- function(key, estimate, se = NULL, low = NULL, high = NULL, df = NULL, deff = NULL, p = NULL) {
  number <- function(x) if (is.null(x)) NULL else as.numeric(x)
  entry <- list(estimate = number(estimate), se = number(se), low = number(low), high = number(high), df = number(df),
                deff = number(deff), p = number(p))
  out[[key]] <<- entry[!sapply(entry, is.null)]
}
designs <- list(
  strat = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat),
  strat_fpc = svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat),
  clus1 = svydesign(id = ~dnum, weights = ~pw, data = apiclus1),
  clus1_fpc = svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = apiclus1),
  clus2 = svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2),
  clus2_pw = svydesign(id = ~dnum + snum, weights = ~pw, data = apiclus2),
  srs = svydesign(id = ~1, weights = ~pw, fpc = ~fpc, data = apisrs)
)
deff_kind <- function(name) if (grepl("fpc|clus2$|srs", name)) TRUE else "replace"
tight <- svyglm.control <- list(epsilon = 1e-14, maxit = 100)
population <- list(stype = xtabs(~stype, apipop), sch = xtabs(~sch.wide, apipop))
names(dimnames(population$sch)) <- "sch_wide"
with_calibration <- function(designs) {
  pop_stype <- data.frame(stype = names(population$stype), Freq = as.numeric(population$stype))
  pop_sch <- data.frame(sch_wide = names(population$sch), Freq = as.numeric(population$sch))
  totals <- c(`(Intercept)` = nrow(apipop), stypeH = 755, stypeM = 1018)
  designs$clus1_raked <- rake(designs$clus1, list(~stype, ~sch_wide), list(pop_stype, pop_sch),
                              control = list(maxit = 500, epsilon = 1e-10))
  designs$clus1_linear <- calibrate(designs$clus1, ~stype + api99, c(totals, api99 = sum(apipop$api99)), epsilon = 1e-12)
  designs$clus1_raking <- calibrate(designs$clus1, ~stype, totals, calfun = "raking", epsilon = 1e-12)
  designs$clus1_logit <- calibrate(designs$clus1, ~stype + api99, c(totals, api99 = sum(apipop$api99)), calfun = "logit",
                                   bounds = c(0.3, 3), maxit = 200, epsilon = 1e-12)
  designs$strat_linear <- calibrate(designs$strat_fpc, ~api99 + enroll, c(`(Intercept)` = nrow(apipop),
                                    api99 = sum(apipop$api99), enroll = sum(apipop$enroll, na.rm = TRUE)), epsilon = 1e-12)
  designs
}
all_designs <- with_calibration(designs)
out$population <- list(stype = as.list(population$stype), sch_wide = as.list(population$sch),
                       api99 = sum(apipop$api99), enroll = sum(apipop$enroll, na.rm = TRUE), size = nrow(apipop))
for (name in names(all_designs)) {
  d <- all_designs[[name]]
  df <- degf(d)
  deff <- deff_kind(name)
  calibrated <- grepl("raked|linear|raking|logit", name)
  m <- svymean(~api00 + enroll, d, na.rm = FALSE, deff = deff)
  ok <- !any(is.na(coef(m)))
  for (v in c("api00", "enroll")) {
    f <- as.formula(paste0("~", v))
    m <- svymean(f, d, na.rm = TRUE, deff = deff)
    dv <- degf(subset(d, !is.na(d$variables[[v]])))
    ci <- confint(m, df = dv)
    put(paste(name, "mean", v, sep = "/"), coef(m), SE(m), ci[, 1], ci[, 2], dv, if (!calibrated) deff(m))
    t <- svytotal(f, d, na.rm = TRUE, deff = deff)
    ci <- confint(t, df = dv)
    put(paste(name, "total", v, sep = "/"), coef(t), SE(t), ci[, 1], ci[, 2], dv, if (!calibrated) deff(t))
    for (g in sort(unique(as.character(d$variables$stype)))) {
      s <- subset(d, d$variables$stype == g & !is.na(d$variables[[v]]))
      m <- svymean(f, s, deff = deff)
      ci <- confint(m, df = degf(s))
      put(paste(name, "mean", v, g, sep = "/"), coef(m), SE(m), ci[, 1], ci[, 2], degf(s), if (!calibrated) deff(m))
      t <- svytotal(f, s)
      put(paste(name, "total", v, g, sep = "/"), coef(t), SE(t), df = degf(s))
    }
  }
  for (g in c("E", "H", "M")) {
    d$variables$one <- as.numeric(d$variables$stype == g)
    m <- svymean(~one, d, deff = deff)
    ci <- confint(svyciprop(~one, d, method = "logit"))
    put(paste(name, "share", "stype", g, sep = "/"), coef(m), SE(m), ci[1], ci[2], df, if (!calibrated) deff(m))
  }
  s <- subset(d, d$variables$stype == "M")
  s$variables$yes <- as.numeric(s$variables$awards == "Yes")
  ci <- confint(svyciprop(~yes, s, method = "logit", df = degf(s)))
  put(paste(name, "share", "awards", "M", sep = "/"), coef(svymean(~yes, s)), SE(svymean(~yes, s)), ci[1], ci[2], degf(s))
  r <- svyratio(~api_stu, ~enroll, d, na.rm = TRUE)
  put(paste(name, "ratio", sep = "/"), coef(r), SE(r))
  for (p in c(0.25, 0.5, 0.9)) {
    q <- svyquantile(~api00, d, p, ci = TRUE)
    ci <- confint(q)
    put(paste(name, "quantile", p, sep = "/"), coef(q), SE(q), ci[1], ci[2])
  }
  q <- svyquantile(~api00, s, 0.5, ci = TRUE, df = degf(s))
  put(paste(name, "quantile", "M", sep = "/"), coef(q), SE(q), confint(q)[1], confint(q)[2])
  model <- svyglm(api00 ~ ell + meals + stype, d)
  p <- summary(model)$coefficients
  ci <- confint(model)
  for (term in rownames(p)) put(paste(name, "linear", term, sep = "/"), p[term, 1], p[term, 2], ci[term, 1], ci[term, 2],
                                model$df.residual, p = p[term, 4])
  d$variables$won <- as.numeric(d$variables$awards == "Yes")
  model <- suppressWarnings(svyglm(won ~ ell + api99 + stype, d, family = quasibinomial(), control = tight))
  p <- summary(model)$coefficients
  ci <- confint(model)
  for (term in rownames(p)) put(paste(name, "logit", term, sep = "/"), p[term, 1], p[term, 2], ci[term, 1], ci[term, 2],
                                model$df.residual, p = p[term, 4])
  t <- svychisq(~sch_wide + stype, d)
  put(paste(name, "independence", "F", sep = "/"), t$statistic, df = t$parameter, p = t$p.value)
  t <- svychisq(~sch_wide + stype, d, statistic = "Chisq")
  put(paste(name, "independence", "Chisq", sep = "/"), t$statistic, df = t$parameter, p = t$p.value)
  # The difference of two domains from the model on their indicator.
  s <- subset(d, d$variables$stype != "H")
  model <- svyglm(api00 ~ stype, s)
  put(paste(name, "difference", "M", sep = "/"), coef(model)[2], SE(model)[2])
}
for (rule in c("certainty", "remove", "adjust", "average")) {
  options(survey.lonely.psu = rule)
  d <- svydesign(id = ~u, strata = ~h, weights = ~w, data = lonely, nest = TRUE)
  m <- svymean(~y, d, na.rm = TRUE)
  put(paste("lonely", rule, "mean", sep = "/"), coef(m), SE(m), df = degf(d))
  t <- svytotal(~y, d, na.rm = TRUE)
  put(paste("lonely", rule, "total", sep = "/"), coef(t), SE(t))
  for (g in c("a", "b", "c")) {
    s <- subset(d, g == lonely$g & !is.na(y))
    m <- svymean(~y, subset(d, d$variables$g == get("g", envir = globalenv())), na.rm = TRUE)
    put(paste("lonely", rule, "mean", g, sep = "/"), coef(m), SE(m))
  }
}
options(survey.lonely.psu = "fail")
# Replicates.
for (name in c("strat", "strat_fpc", "clus1", "clus1_fpc")) {
  d <- as.svrepdesign(designs[[name]], type = if (grepl("strat", name)) "JKn" else "JK1")
  m <- svymean(~api00, d)
  put(paste("jackknife", name, "mean", sep = "/"), coef(m), SE(m))
  r <- svyratio(~api_stu, ~enroll, d)
  put(paste("jackknife", name, "ratio", sep = "/"), coef(r), SE(r))
}
# Beta intervals.
d <- designs$clus1
d$variables$yes <- as.numeric(d$variables$awards == "Yes")
ci <- confint(svyciprop(~yes, d, method = "beta"))
m <- svymean(~yes, d)
put("beta/clus1", coef(m), SE(m), ci[1], ci[2], degf(d))
writeLines(jsonlite::toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), file.path(folder, "reference.json"))
