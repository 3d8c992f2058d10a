package io.penstock.schemas;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The catalogue of metrics: their names, tags and what to do about them. */
public enum Meter {
  REQUESTS(
      "penstock.requests",
      Kind.COUNTER,
      "Terminal responses by outcome",
      "A rising share of failed or rejected: look at the reason tag.",
      "lane",
      "status",
      "served_by",
      "reason"),
  REQUEST_DURATION(
      "penstock.request.duration",
      Kind.TIMER,
      "From HTTP request to HTTP reply, for callers that waited",
      "Beyond the lane's promise: compare with attempt durations to see whether the engine or the provider is slow.",
      "lane",
      "served_by"),
  HTTP(
      "penstock.http",
      Kind.TIMER,
      "HTTP requests by route and status",
      "5xx: see /health/ready for what is missing.",
      "route",
      "status"),
  DISPATCHES(
      "penstock.dispatches",
      Kind.COUNTER,
      "Dispatches handed to workers, repeats included",
      "Many repeats mean that workers vanish: see orphans.",
      "lane"),
  PROMPT_CACHE(
      "penstock.prompt.cache",
      Kind.COUNTER,
      "Requests to be called for, by what their provider is told of its prefix cache: nothing, a key, marks, or to write_nothing",
      "Few marks although prompts begin alike: what they share must come first, and be a message of its own.",
      "provider",
      "told"),
  WINDOW_RELEASES(
      "penstock.window.releases",
      Kind.COUNTER,
      "Dispatches that left a window, by why: leads, reads, alone, not_worth_it, pressed, full",
      "Many that are pressed: answers take longer to begin than the lane lets others wait",
      "lane",
      "cause"),
  WINDOW_WAIT(
      "penstock.window.wait",
      Kind.TIMER,
      "How long dispatches waited in a window",
      "Beyond the lane's longest hold: the topology is behind",
      "lane"),
  JOBS_SEALED(
      "penstock.jobs.sealed",
      Kind.COUNTER,
      "Batches made up for a provider, by why then: full, large, aged, idle, pressed",
      "Many that are pressed: deadlines leave a batch no time; a longer one costs less",
      "provider",
      "cause"),
  JOBS_OVER(
      "penstock.jobs.over",
      Kind.COUNTER,
      "Batches brought in from a provider, by how they ended, in its own word",
      "Others than completed or ended: what they left is called for at a dearer tier",
      "provider",
      "status"),
  JOB_LINES(
      "penstock.jobs.lines",
      Kind.COUNTER,
      "Dispatches that left a batch of a provider: answered, failed, unanswered, let_go",
      "Many that are unanswered or let_go: the provider needs longer than deadlines allow",
      "provider",
      "end"),
  EXPRESS_DELAY(
      "penstock.express.delay",
      Kind.TIMER,
      "From the sending of an express request to its turn in the topology, by the clocks of both",
      "Much longer than penstock_gate_express_allowed while batch is let in: see what else is busy on the machine."),
  GATE_LET_IN(
      "penstock.gate.let.in",
      Kind.COUNTER,
      "Batch requests that the gate has let into the topology",
      "Standing still with many that wait: see penstock_gate_pace and the dispatches that wait for workers."),
  GATE_WAITING(
      "penstock.gate.waiting",
      Kind.GAUGE,
      "Batch requests that wait before the gate",
      "Growing for hours: deadlines are near. Add workers, topologies or machines."),
  GATE_UNREAD(
      "penstock.gate.unread",
      Kind.GAUGE,
      "Batch requests that are let in and that the topology has not read yet",
      "At the window for each partition: the topology is the bottleneck."),
  GATE_WORK(
      "penstock.gate.work",
      Kind.GAUGE,
      "Dispatches of the batch lane that wait for workers, as the gate last heard",
      "At its bound: nothing more is let in until workers have taken them. Add workers or slots."),
  GATE_PACE(
      "penstock.gate.pace",
      Kind.GAUGE,
      "Batch requests a second that may be let in beside express; infinite without express, 0 while batch rests",
      "Low with idle machines: express is slow for another reason, or senders' clocks jump."),
  GATE_EXPRESS_ALLOWED(
      "penstock.gate.express.allowed",
      Kind.GAUGE,
      "Mean delay of express, in seconds, above which batch is let in more slowly; unknown until there was express",
      "It is what express takes without batch and a quarter more: rising means that express itself is slower."),
  CANCELLATIONS(
      "penstock.cancellations",
      Kind.COUNTER,
      "Dispatches taken back because nobody waited for them any more",
      "Many: callers lose patience; compare their time limits with attempt durations.",
      "lane"),
  ATTEMPTS(
      "penstock.attempts",
      Kind.COUNTER,
      "Provider calls by outcome; models that have never answered, and all beyond 200, are (another)",
      "rate_limited: lower concurrency or raise the provider's limit.",
      "provider",
      "model",
      "outcome"),
  ATTEMPT_DURATION(
      "penstock.attempt.duration",
      Kind.TIMER,
      "Duration of provider calls",
      "The provider's own slowness.",
      "provider",
      "model"),
  FIRST_TOKEN(
      "penstock.attempt.first.token",
      Kind.TIMER,
      "From the start of an attempt to the first piece of its streamed answer",
      "What people wait for: compare providers and models.",
      "provider",
      "model"),
  CALLS_TURNED_AWAY(
      "penstock.calls.turned.away",
      Kind.COUNTER,
      "Calls that were not made because the provider fails too often, refuses this model, or said that it takes no more before the deadline",
      "provider_suspended: the provider fails, see GET /v1/providers. rate_limited: raise its limit. Others: mend what the reason names.",
      "provider",
      "reason"),
  CALLS_HELD(
      "penstock.calls.held",
      Kind.TIMER,
      "How long calls waited for their turn: the provider said that it takes no more for now, or as many were under way as it takes",
      "Long holds: raise the provider's limit, or add a provider.",
      "provider"),
  CALLS_IN_FLIGHT(
      "penstock.calls.in.flight",
      Kind.GAUGE,
      "Provider calls in the hands of this worker",
      "At the slot limit with a growing backlog: add workers or slots.",
      "lane"),
  MODEL_LIMIT(
      "penstock.model.limit",
      Kind.GAUGE,
      "Calls of a model that this worker makes at a time, for all it has learnt so far; of the first 50 models that answered",
      "Far below what the provider grants: look at the cuts, and at who else uses the account.",
      "provider",
      "model"),
  MODEL_IN_FLIGHT(
      "penstock.model.in.flight",
      Kind.GAUGE,
      "Calls of a model that this worker has under way",
      "At the limit with calls waiting: the provider is the bottleneck.",
      "provider",
      "model"),
  MODEL_WAITING(
      "penstock.model.waiting",
      Kind.GAUGE,
      "Calls of a model that wait for their turn in this worker",
      "Express waiting for long: more is asked for in express than the provider takes.",
      "provider",
      "model",
      "lane"),
  MODEL_CUTS(
      "penstock.model.limit.cuts",
      Kind.COUNTER,
      "How often the limit of a model was cut, because calls were refused, or because answers were slow to begin",
      "A few a minute are how the limit is found; many: the provider is overloaded, or refuses for other reasons.",
      "provider",
      "model",
      "cause"),
  ORPHANS(
      "penstock.orphans",
      Kind.COUNTER,
      "Attempts written off because their worker vanished",
      "Each may have cost money without an answer: find out why workers die."),
  DEAD_LETTERS(
      "penstock.dead.letters",
      Kind.COUNTER,
      "Records nobody could read",
      "Read the dead-letters topic: the reason is in a header.",
      "topic"),
  UNACKNOWLEDGED(
      "penstock.unacknowledged",
      Kind.COUNTER,
      "Dispatches whose acknowledgement by a worker Kafka did not take",
      "Each may be called, and paid for, a second time by another worker: look for broker restarts and for workers that stall.",
      "topic"),
  BUDGETS_EXCEEDED(
      "penstock.budgets.exceeded",
      Kind.COUNTER,
      "Budgets of which more than the limit is spent, once for each period",
      "A soft one: talk to the tenant. A hard one: calls cost more than was set aside for them, look for failed attempts that were billed.",
      "tenant",
      "period"),
  UNKNOWN_COSTS(
      "penstock.unknown.costs",
      Kind.COUNTER,
      "Cost events of an unknown amount: no price row, or an answer without usage",
      "Add the model to the price file if it is not there: until then its cost is unknown, not zero.",
      "provider",
      "model");

  /** How a metric behaves. */
  public enum Kind {
    COUNTER,
    TIMER,
    GAUGE
  }

  private final String id;
  private final Kind kind;
  private final String description;
  private final String actionability;
  private final String tags;

  Meter(String id, Kind kind, String description, String actionability, String... tags) {
    this.id = id;
    this.kind = kind;
    this.description = description;
    this.actionability = actionability;
    this.tags = String.join(",", tags);
  }

  /** The name as Micrometer wants it; Prometheus shows it with underscores. */
  public String id() {
    return id;
  }

  public String description() {
    return description;
  }

  /** The names of its tags, in the order their values are given. */
  public List<String> tags() {
    return tags.isEmpty() ? List.of() : List.of(tags.split(",", -1));
  }

  /** The catalogue as the table in docs/metrics.md. */
  public static String toMarkdown() {
    return Arrays.stream(values())
        .map(meter ->
            "| `%s` | %s | %s | %s | %s |"
                .formatted(
                    meter.id.replace('.', '_'),
                    meter.kind.name().toLowerCase(Locale.ROOT),
                    String.join(", ", meter.tags()),
                    meter.description,
                    meter.actionability))
        .collect(
            Collectors.joining(
                "\n",
                "| metric | kind | tags | what it counts | what to do |\n|---|---|---|---|---|\n",
                "\n"));
  }
}
