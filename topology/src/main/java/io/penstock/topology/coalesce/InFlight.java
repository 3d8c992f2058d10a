package io.penstock.topology.coalesce;

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
    Flights found = flights.get(fingerprint);
    return found == null ? SingleFlight.none() : found;
  }

  /** Whether this request has been seen before and is taken care of. */
  public boolean knows(Flights known, InferenceRequest request) {
    if (SingleFlight.leads(known, request)) {
      return true;
    }
    Flight open = known.getOpen();
    return (open != null && follows(open.getGroup(), request))
        || known.getSettled().stream().anyMatch(s -> follows(s.getGroup(), request));
  }

  /** Lets a request wait for the answer of a group's leader. */
  public void follow(String group, Follower follower) {
    followers.put(key(group, follower.getRequest()), follower);
    agenda.put(FOLLOWED + group, 1L);
  }

  /** A follower waits no longer. */
  public void leave(String group, Follower follower) {
    followers.delete(key(group, follower.getRequest()));
  }

  /** Everyone who waits in a group, in no particular order. */
  public List<Follower> followers(String group) {
    if (agenda.get(FOLLOWED + group) == null) {
      return List.of();
    }
    var waiting = new ArrayList<Follower>();
    try (KeyValueIterator<String, Follower> entries = followers.prefixScan(group + "/", PREFIX)) {
      entries.forEachRemaining(entry -> waiting.add(entry.value));
    }
    return waiting;
  }

  /** Forgets a group's followers. */
  public void forget(String group) {
    followers(group).forEach(follower -> leave(group, follower));
    agenda.delete(FOLLOWED + group);
  }

  /** Writes the state a transition leads to, and notes when it is next due. */
  public void write(String fingerprint, Flights before, Transition transition) {
    if (transition.forgotten()) {
      if (flights.get(fingerprint) != null) {
        flights.delete(fingerprint);
      }
    } else if (!transition.next().equals(before)) {
      flights.put(fingerprint, transition.next());
    }
    schedule(fingerprint, transition.next());
  }

  /** Fingerprints that are due; each is taken off the agenda. */
  public List<String> due(Instant now) {
    var fingerprints = new ArrayList<String>();
    try (KeyValueIterator<String, Long> entries = agenda.range(WAKE, wake(now, "~"))) {
      entries.forEachRemaining(
          entry -> fingerprints.add(entry.key.substring(entry.key.lastIndexOf('/') + 1)));
    }
    fingerprints.forEach(this::unschedule);
    return fingerprints;
  }

  /** Rebuilds the agenda from the durable stores; returns every fingerprint with state. */
  public List<String> rebuild() {
    var fingerprints = new ArrayList<String>();
    try (KeyValueIterator<String, Follower> entries = followers.all()) {
      entries.forEachRemaining(
          entry -> agenda.put(FOLLOWED + entry.key.substring(0, entry.key.indexOf('/')), 1L));
    }
    try (KeyValueIterator<String, Flights> entries = flights.all()) {
      entries.forEachRemaining(entry -> {
        fingerprints.add(entry.key);
        schedule(entry.key, entry.value);
      });
    }
    return fingerprints;
  }

  private boolean follows(String group, InferenceRequest request) {
    return agenda.get(FOLLOWED + group) != null && followers.get(key(group, request)) != null;
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

  // Group and id come first from request ids, which contain no slash once admitted.
  private static String key(String group, InferenceRequest request) {
    return group + "/" + request.getId() + "/" + request.getReplyPartition();
  }
}
