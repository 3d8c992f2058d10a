package io.penstock.policies.batch;

import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The numbers of jobs: batches that are handed to a provider as one, for about half the price and
 * an answer within a day (docs/measurements.md, Providers §1.7 and §2.5).
 *
 * @param providers those that take batches
 * @param most dispatches in one job; OpenAI takes 50,000
 * @param mostBytes in one job; OpenAI takes 200 MB
 * @param age how long the first of a job waits at most until it is handed in
 * @param idle a job to which nothing came for so long is handed in
 * @param shortest who has less time than this left goes into no job, and a job is handed in before
 *     any of its dispatches has less
 * @param rescue how long before the earliest deadline a job is called off, so that what it left can
 *     be called for at a dearer tier
 * @param reserve how long before its deadline a dispatch no longer waits for a job that was called
 *     off
 * @param firstPoll how long after handing in a job is first looked at
 * @param longestPoll the longest time between two looks
 * @param taskLease how long nothing may be heard of a worker that sees to a job
 * @param attempts whoever had so many attempts goes into no further job
 */
public record JobRules(
    Set<String> providers,
    int most,
    long mostBytes,
    Duration age,
    Duration idle,
    Duration shortest,
    Duration rescue,
    Duration reserve,
    Duration firstPoll,
    Duration longestPoll,
    Duration taskLease,
    int attempts) {

  /** What the names of jobs' windows begin with; no provider's id is like it. */
  private static final String PREFIX = "job:";

  /** The tier that a job's lines are billed at, whatever a provider's answers call it. */
  public static final String TIER = "batch";

  /** For nobody, until {@link #at} says for whom. */
  public static final JobRules NONE =
      new JobRules(
          Set.of(),
          45_000,
          180_000_000,
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Duration.ofHours(1),
          Duration.ofMinutes(15),
          Duration.ofMinutes(2),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          2);

  public JobRules {
    providers = Set.copyOf(providers);
    for (Duration each :
        List.of(age, idle, shortest, rescue, reserve, firstPoll, longestPoll, taskLease)) {
      if (!each.isPositive()) {
        throw new IllegalArgumentException("the times of jobs are positive, not " + each);
      }
    }
    if (most < 1 || mostBytes < 1 || attempts < 1) {
      throw new IllegalArgumentException("a job holds at least one line, for one attempt");
    }
    if (shortest.compareTo(rescue) <= 0 || rescue.compareTo(reserve) <= 0) {
      throw new IllegalArgumentException(
          "a job needs time before it is called off (%s), and that before nobody waits for it (%s): it has %s"
              .formatted(rescue, reserve, shortest));
    }
  }

  /** The same numbers for these providers. */
  public JobRules at(Set<String> takers) {
    return new JobRules(
        takers,
        most,
        mostBytes,
        age,
        idle,
        shortest,
        rescue,
        reserve,
        firstPoll,
        longestPoll,
        taskLease,
        attempts);
  }

  /** Whether a window is one in which a job is gathered. */
  public static boolean gathers(String window) {
    return window.startsWith(PREFIX);
  }

  /**
   * The window of the job that a dispatch may go into; empty when it had better be called at once.
   * Those of one window are one tenant's and have about as much time left, so that few jobs are
   * called off for the sake of one.
   *
   * @param at when it was handed out
   */
  Optional<String> windowOf(
      InferenceRequest request, Lane lane, List<Candidate> plan, Instant deadlineAt, Instant at) {
    if (lane != Lane.BATCH || plan.isEmpty() || request.getServiceTier() != null) {
      return Optional.empty();
    }
    Candidate first = plan.getFirst();
    Duration left = Duration.between(at, deadlineAt);
    return providers.contains(first.getProvider()) && left.compareTo(shortest.plus(idle)) >= 0
        ? Optional.of(
            PREFIX
                + String.join(
                    "/",
                    request.getTenant().length() + ":" + request.getTenant(),
                    first.getProvider(),
                    first.getModel(),
                    request.getEndpoint().name().toLowerCase(Locale.ROOT),
                    magnitude(left)))
        : Optional.empty();
  }

  private static String magnitude(Duration left) {
    return Integer.toString(Long.SIZE - Long.numberOfLeadingZeros(left.toMinutes()));
  }

  /** When a job with this earliest deadline is called off. */
  Instant rescueAt(Instant deadlineAt) {
    return deadlineAt.minus(rescue);
  }

  /** When a dispatch with this deadline no longer waits for its job. */
  Instant letGoAt(Instant deadlineAt) {
    return deadlineAt.minus(reserve);
  }

  /** How long until a job is looked at again that was found running so often. */
  Duration poll(int looks) {
    Duration wait = firstPoll;
    for (int i = 0; i < looks && wait.compareTo(longestPoll) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return wait.compareTo(longestPoll) < 0 ? wait : longestPoll;
  }
}
