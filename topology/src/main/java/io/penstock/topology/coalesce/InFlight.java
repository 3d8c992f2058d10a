package io.penstock.topology.coalesce;

import io.penstock.policies.coalesce.Effect;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.coalesce.Transition;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.topology.flow.StateStores;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The in-flight store of one task: flights by fingerprint, followers by group, and an agenda of
 * what is due when. Several stages look into it; only transitions of {@link SingleFlight} change
 * it. Used by the stream thread only.
 */
public final class InFlight {
  private static final Serializer<String> PREFIX = new StringSerializer();
  private static final String DUE = "due/";
  private static final String WAKE = "wake/";
  private static final String FOLLOWED = "followed/";

  private final SingleFlight law;
  private final KeyValueStore<String, Flights> flights;
  private final KeyValueStore<String, Follower> followers;
  private final KeyValueStore<String, Long> agenda;

  /** Opens the three stores that the processor of {@code context} is connected to. */
  public InFlight(ProcessingContext context, SingleFlight law) {
    this.law = law;
    this.flights = context.getStateStore(StateStores.FLIGHTS);
    this.followers = context.getStateStore(StateStores.FOLLOWERS);
    this.agenda = context.getStateStore(StateStores.AGENDA);
  }

  /** What is in flight for a fingerprint; never null. */
  public Flights of(String fingerprint) {
    // Whatever is in flight is on the agenda, which is in memory; most requests find nothing.
    if (agenda.get(DUE + fingerprint) == null) {
      return SingleFlight.none();
    }
    Flights found = flights.get(fingerprint);
    return found == null ? SingleFlight.none() : found;
  }

  /** Whether this request has been seen before and is taken care of. */
  public boolean knows(String fingerprint, InferenceRequest request) {
    Flights known = of(fingerprint);
    if (SingleFlight.leads(known, request)) {
      return true;
    }
    Flight open = known.getOpen();
    return (open != null && follows(fingerprint, open.getGroup(), request))
        || known.getSettled().stream().anyMatch(s -> follows(fingerprint, s.getGroup(), request));
  }

  /** Lets a request wait for the answer of a group's leader. */
  public void follow(String fingerprint, String group, Follower follower) {
    followers.put(key(fingerprint, group, follower.getRequest()), follower);
    agenda.put(FOLLOWED + place(fingerprint, group), 1L);
  }

  /** A follower has become the leader; those that repeat it are its echoes from now on. */
  public void promote(String fingerprint, Effect.Promote promote) {
    String group = promote.group();
    leave(fingerprint, group, promote.follower());
    for (Follower other : followers(fingerprint, group)) {
      if (promote.echoes(other)) {
        follow(
            fingerprint,
            group,
            new Follower(other.getRequest(), other.getLane(), true, other.getWithdrawnAt()));
      }
    }
  }

  /** Everyone who waits in a group, in no particular order. */
  public List<Follower> followers(String fingerprint, String group) {
    String place = place(fingerprint, group);
    if (agenda.get(FOLLOWED + place) == null) {
      return List.of();
    }
    var waiting = new ArrayList<Follower>();
    try (KeyValueIterator<String, Follower> entries = followers.prefixScan(place + "/", PREFIX)) {
      entries.forEachRemaining(entry -> waiting.add(entry.value));
    }
    return waiting;
  }

  /** Forgets a group's followers. */
  public void forget(String fingerprint, String group) {
    followers(fingerprint, group).forEach(follower -> leave(fingerprint, group, follower));
    agenda.delete(FOLLOWED + place(fingerprint, group));
  }

  private void leave(String fingerprint, String group, Follower follower) {
    followers.delete(key(fingerprint, group, follower.getRequest()));
  }

  /** Writes the state a transition leads to, and notes when it is next due. */
  public void write(String fingerprint, Flights before, Transition transition) {
    if (transition.forgotten()) {
      if (!before.equals(SingleFlight.none())) {
        flights.delete(fingerprint);
      }
    } else if (!transition.next().equals(before)) {
      flights.put(fingerprint, transition.next());
    }
    schedule(fingerprint, transition.next());
  }

  /** Whether anything is due. */
  public boolean anyDue(Instant now) {
    try (KeyValueIterator<String, Long> entries = agenda.range(WAKE, wake(now, "~"))) {
      return entries.hasNext();
    }
  }

  /** Fingerprints that are due; each stays so until its next state is written. */
  public List<String> due(Instant now) {
    var fingerprints = new ArrayList<String>();
    try (KeyValueIterator<String, Long> entries = agenda.range(WAKE, wake(now, "~"))) {
      entries.forEachRemaining(
          entry -> fingerprints.add(entry.key.substring(entry.key.lastIndexOf('/') + 1)));
    }
    return fingerprints;
  }

  /**
   * Rebuilds the agenda from the durable stores; returns every fingerprint with state. Followers
   * that no flight knows are forgotten here: a crash came between the deletion of their flight,
   * which had answered them, and their own.
   */
  public List<String> rebuild() {
    var fingerprints = new ArrayList<String>();
    try (KeyValueIterator<String, Flights> entries = flights.all()) {
      entries.forEachRemaining(entry -> {
        fingerprints.add(entry.key);
        schedule(entry.key, entry.value);
      });
    }
    var left = new ArrayList<String>();
    try (KeyValueIterator<String, Follower> entries = followers.all()) {
      entries.forEachRemaining(entry -> {
        String place = placeOf(entry.key);
        if (SingleFlight.groups(of(fingerprintOf(place))).contains(groupOf(place))) {
          agenda.put(FOLLOWED + place, 1L);
        } else {
          left.add(entry.key);
        }
      });
    }
    left.forEach(followers::delete);
    return fingerprints;
  }

  private boolean follows(String fingerprint, String group, InferenceRequest request) {
    return agenda.get(FOLLOWED + place(fingerprint, group)) != null
        && followers.get(key(fingerprint, group, request)) != null;
  }

  private void schedule(String fingerprint, Flights state) {
    unschedule(fingerprint);
    law.nextDue(state)
        .ifPresent(due -> {
          agenda.put(DUE + fingerprint, due.toEpochMilli());
          agenda.put(wake(due, fingerprint), 1L);
        });
  }

  private void unschedule(String fingerprint) {
    Long due = agenda.delete(DUE + fingerprint);
    if (due != null) {
      agenda.delete(wake(Instant.ofEpochMilli(due), fingerprint));
    }
  }

  private static String wake(Instant due, String fingerprint) {
    return WAKE + String.format("%016x", due.toEpochMilli()) + "/" + fingerprint;
  }

  // A group is named after a request id, which producers choose as they like: only together with
  // the fingerprint, and so within its tenant, does it name one group. An admitted id has no slash.
  private static String place(String fingerprint, String group) {
    return fingerprint + "/" + group;
  }

  private static String placeOf(String key) {
    return key.substring(0, key.indexOf('/', key.indexOf('/') + 1));
  }

  private static String fingerprintOf(String place) {
    return place.substring(0, place.indexOf('/'));
  }

  private static String groupOf(String place) {
    return place.substring(place.indexOf('/') + 1);
  }

  private static String key(String fingerprint, String group, InferenceRequest request) {
    return place(fingerprint, group) + "/" + request.getId() + "/" + request.getReplyPartition();
  }
}
