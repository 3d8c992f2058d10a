package io.penstock.infra.config;

import io.penstock.policies.batch.JobRules;
import java.util.Optional;
import java.util.Set;

/** Reads how requests are put together for the batch APIs of providers. */
final class JobSettings {
  private static final int MOST_LINES = 50_000; // as OpenAI
  private static final int MOST_BYTES = 200_000_000;

  private JobSettings() {}

  /** The rules, for providers yet to be named; empty when no batches are to be made. */
  static Optional<JobRules> read(Reader read, Problems problems) {
    boolean wanted = read.isAuto(Setting.JOBS);
    int most = read.number(Setting.JOBS_MOST, 1, MOST_LINES);
    int bytes = read.number(Setting.JOBS_MOST_BYTES, 1, MOST_BYTES);
    int attempts = read.number(Setting.JOBS_ATTEMPTS, 1, 8);
    try {
      var rules =
          new JobRules(
              Set.of(),
              most,
              bytes,
              read.duration(Setting.JOBS_AGE),
              read.duration(Setting.JOBS_IDLE),
              read.duration(Setting.JOBS_SHORTEST),
              read.duration(Setting.JOBS_RESCUE),
              read.duration(Setting.JOBS_RESERVE),
              read.duration(Setting.JOBS_FIRST_POLL),
              read.duration(Setting.JOBS_LONGEST_POLL),
              read.duration(Setting.JOBS_TASK_LEASE),
              attempts);
      return wanted ? Optional.of(rules) : Optional.empty();
    } catch (IllegalArgumentException e) {
      problems.add(
          Setting.JOBS_SHORTEST.shownAs(),
          read.required(Setting.JOBS_SHORTEST),
          e.getMessage() + "; choose jobs.shortest > jobs.rescue > jobs.reserve > 0");
      return Optional.empty();
    }
  }
}
