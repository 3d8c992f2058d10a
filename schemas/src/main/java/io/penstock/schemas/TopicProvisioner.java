package io.penstock.schemas;

import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AbstractOptions;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a Kafka cluster fit the {@link Topics} catalogue: creates what is missing and completes
 * what is there. Running it again, or in several processes at once, changes nothing more. What an
 * operator has set on a topic is kept, except a record size below {@link
 * Limits#LARGEST_RECORD_BYTES}. How the workers' share groups read is the engine's own affair and
 * is set every time.
 *
 * <p>Blocks for up to {@code patience} a request to Kafka, and as long again until what was asked
 * for is there; may be used from any thread.
 */
public final class TopicProvisioner {
  /** Leaves the number of replicas to the broker's {@code default.replication.factor}. */
  public static final short BROKER_DEFAULT = -1;

  /**
   * How long a worker may hold a dispatch before it says that it has started. The lowest that a
   * stock broker allows: a frozen worker's dispatches reach another one after this time.
   */
  public static final Duration RECORD_LOCK = Duration.ofSeconds(15);

  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Admin admin;
  private final short replicationFactor;
  private final Duration patience;

  /** What had to be done, for people to read. */
  public record Report(List<String> created, List<String> completed) {}

  public TopicProvisioner(Admin admin, short replicationFactor, Duration patience) {
    this.admin = admin;
    this.replicationFactor = replicationFactor;
    this.patience = patience;
  }

  /**
   * Makes every topic of the catalogue and the workers' share groups ready for use: when this
   * returns, each partition has a leader that takes records.
   *
   * @throws ProvisioningException with a one-line remedy
   */
  public Report provision(Topics topics) {
    var report = provision(topics.all());
    workersReadFromTheStart();
    return report;
  }

  /** As {@link #provision(Topics)}, for single topics and without the share groups. */
  public Report provision(Collection<Topic<?, ?>> topics) {
    Set<String> existing =
        get("listing topics", admin.listTopics(within(new ListTopicsOptions())).names());
    var created = create(topics.stream().filter(t -> !existing.contains(t.name())).toList());
    var found = awaitReady(topics.stream().map(Topic::name).toList());
    topics.forEach(topic -> requirePartitions(topic, found));
    var old = topics.stream().filter(t -> !created.contains(t.name())).toList();
    return new Report(created, complete(old));
  }

  /**
   * Those that it created. The others were there all the same: another process was quicker, or the
   * broker asked for its list had not heard of them yet. They are to be completed like any other.
   */
  private List<String> create(List<Topic<?, ?>> missing) {
    var created = new HashSet<String>();
    long deadline = System.nanoTime() + patience.toNanos();
    List<Topic<?, ?>> left = missing;
    while (!left.isEmpty()) {
      var asked =
          admin.createTopics(
              left.stream().map(this::asked).toList(), within(new CreateTopicsOptions()));
      var again = new ArrayList<Topic<?, ?>>();
      for (Topic<?, ?> topic : left) {
        String doing = "creating topic " + topic.name();
        try {
          Objects.requireNonNull(asked.values().get(topic.name())).get();
          created.add(topic.name());
        } catch (ExecutionException e) {
          if (isFenced(e.getCause()) && System.nanoTime() < deadline) {
            again.add(topic);
          } else if (!(e.getCause() instanceof TopicExistsException)) {
            throw failed(doing, e);
          }
        } catch (InterruptedException e) {
          throw interrupted(doing, e);
        }
      }
      if (!again.isEmpty()) {
        pause("creating topics");
      }
      left = again;
    }
    return missing.stream().map(Topic::name).filter(created::contains).toList();
  }

  private NewTopic asked(Topic<?, ?> topic) {
    return new NewTopic(topic.name(), topic.partitions(), replicationFactor)
        .configs(topic.config());
  }

  /**
   * Whether no broker counts as alive at the moment, as on a machine that has just slept. Kafka has
   * no other word for it than for a replication factor that is too high for good.
   */
  private static boolean isFenced(@Nullable Throwable refusal) {
    return refusal instanceof InvalidReplicationFactorException
        && String.valueOf(refusal.getMessage()).contains("currently fenced");
  }

  private static void requirePartitions(Topic<?, ?> topic, Map<String, TopicDescription> found) {
    var description = found.get(topic.name());
    int partitions = description == null ? 0 : description.partitions().size();
    if (partitions != topic.partitions()) {
      throw new ProvisioningException.PartitionsDiffer(
          topic.name(), partitions, topic.partitions());
    }
  }

  /** Sets what an existing topic has no value of its own for. */
  private List<String> complete(List<Topic<?, ?>> topics) {
    var wanted = new HashMap<ConfigResource, Topic<?, ?>>();
    topics.forEach(t -> wanted.put(new ConfigResource(ConfigResource.Type.TOPIC, t.name()), t));
    var current =
        get(
            "reading topic settings",
            admin.describeConfigs(wanted.keySet(), within(new DescribeConfigsOptions())).all());
    var changes = new HashMap<ConfigResource, Collection<AlterConfigOp>>();
    var completed = new ArrayList<String>();
    wanted.forEach((resource, topic) -> {
      var lacking = lacking(topic, current.getOrDefault(resource, new Config(List.of())));
      if (!lacking.isEmpty()) {
        changes.put(resource, lacking);
        completed.add(topic.name());
      }
    });
    alter("completing topic settings", changes);
    return List.copyOf(completed);
  }

  private static List<AlterConfigOp> lacking(Topic<?, ?> topic, Config current) {
    return topic.config().entrySet().stream()
        .filter(wanted -> lacks(wanted, current.get(wanted.getKey())))
        .map(wanted -> set(wanted.getKey(), wanted.getValue()))
        .toList();
  }

  private static boolean lacks(Map.Entry<String, String> wanted, @Nullable ConfigEntry current) {
    if (current == null) {
      return true;
    }
    if (wanted.getKey().equals(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)) {
      return Integer.parseInt(current.value()) < Integer.parseInt(wanted.getValue());
    }
    if (wanted.getValue().equals(Topic.COMPACT_AND_DELETE)) {
      return current.value().equals(TopicConfig.CLEANUP_POLICY_COMPACT); // as we once made it
    }
    return !current.value().equals(wanted.getValue())
        && current.source() != ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG;
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  /**
   * A share group starts at the end of its topic unless told otherwise before its first consumer
   * joins; then work produced earlier would be skipped (docs/measurements.md, Kafka §8).
   */
  private void workersReadFromTheStart() {
    var changes = new HashMap<ConfigResource, Collection<AlterConfigOp>>();
    Stream.concat(
            Stream.of(Lane.values()).map(lane -> Names.WORKERS + "-" + Topics.word(lane)),
            Stream.of(Names.JOB_WORKERS))
        .forEach(group ->
            changes.put(
                new ConfigResource(ConfigResource.Type.GROUP, group),
                List.of(
                    set("share.auto.offset.reset", "earliest"),
                    set("share.record.lock.duration.ms", Long.toString(RECORD_LOCK.toMillis())))));
    alter("setting up the workers' share groups", changes);
  }

  /**
   * Sets, and waits until a broker says so itself: it is the controller who agrees, and a share
   * group that begins before its broker has heard of it would begin with the defaults. Of several
   * brokers one is asked; the others hear of it at the same time, more or less.
   */
  private void alter(String doing, Map<ConfigResource, Collection<AlterConfigOp>> changes) {
    if (changes.isEmpty()) {
      return;
    }
    get(doing, admin.incrementalAlterConfigs(changes, within(new AlterConfigsOptions())).all());
    long deadline = System.nanoTime() + patience.toNanos();
    while (!shown(doing, changes, deadline)) {
      if (System.nanoTime() > deadline) {
        throw new ProvisioningException.Unavailable(
            doing, new TimeoutException("what was set does not show"));
      }
      pause(doing);
    }
  }

  private boolean shown(
      String doing, Map<ConfigResource, Collection<AlterConfigOp>> changes, long deadline) {
    try {
      return shows(
          admin.describeConfigs(changes.keySet(), within(new DescribeConfigsOptions())).all().get(),
          changes);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadline) {
        throw failed(doing, e);
      }
      return false;
    } catch (InterruptedException e) {
      throw interrupted(doing, e);
    }
  }

  private static boolean shows(
      Map<ConfigResource, Config> current, Map<ConfigResource, Collection<AlterConfigOp>> changes) {
    return changes.entrySet().stream()
        .allMatch(change -> {
          var config = current.getOrDefault(change.getKey(), new Config(List.of()));
          return change.getValue().stream()
              .map(AlterConfigOp::configEntry)
              .allMatch(set -> {
                ConfigEntry shown = config.get(set.name());
                return shown != null && set.value().equals(shown.value());
              });
        });
  }

  /**
   * Waits until every partition answers. A leader that is known may not take records yet; one that
   * lists its offsets does (docs/measurements.md, Kafka §1).
   */
  private Map<String, TopicDescription> awaitReady(List<String> names) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        var descriptions =
            admin.describeTopics(names, within(new DescribeTopicsOptions())).allTopicNames().get();
        var ends = new HashMap<TopicPartition, OffsetSpec>();
        descriptions.forEach((name, description) ->
            description
                .partitions()
                .forEach(
                    p -> ends.put(new TopicPartition(name, p.partition()), OffsetSpec.latest())));
        admin.listOffsets(ends, within(new ListOffsetsOptions())).all().get();
        return descriptions;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadline) {
          throw failed("waiting for new topics", e);
        }
        pause("waiting for new topics");
      } catch (InterruptedException e) {
        throw interrupted("waiting for new topics", e);
      }
    }
  }

  private static void pause(String doing) {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      throw interrupted(doing, e);
    }
  }

  private <O extends AbstractOptions<O>> O within(O options) {
    return options.timeoutMs((int) patience.toMillis());
  }

  private static <T> T get(String doing, KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw failed(doing, e);
    } catch (InterruptedException e) {
      throw interrupted(doing, e);
    }
  }

  private static ProvisioningException failed(String doing, ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return cause instanceof RetriableException
        ? new ProvisioningException.Unavailable(doing, cause)
        : new ProvisioningException.Refused(doing, cause);
  }

  private static ProvisioningException interrupted(String doing, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ProvisioningException.Unavailable(doing, e);
  }
}
