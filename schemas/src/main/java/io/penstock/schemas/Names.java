package io.penstock.schemas;

/** Names that outlive a release and have no better home: record headers, groups, applications. */
public final class Names {
  /** Header on dead letters: why the record could not be used. */
  public static final String HEADER_REASON = "penstock-reason";

  /** Header on dead letters: the topic the record came from. */
  public static final String HEADER_TOPIC = "penstock-topic";

  /** Header on dead letters: the partition the record came from. */
  public static final String HEADER_PARTITION = "penstock-partition";

  /** Header on dead letters: the offset the record had. */
  public static final String HEADER_OFFSET = "penstock-offset";

  /** Header on re-keyed requests: the lane topic's lane. */
  public static final String HEADER_LANE = "penstock-lane";

  /** Header on re-keyed requests: present once the idempotency key has been claimed. */
  public static final String HEADER_CLAIMED = "penstock-claimed";

  /** Header on gated requests: the offset the request has on its lane, eight bytes. */
  public static final String HEADER_GATED = "penstock-gated";

  /** Group under which the gate notes how far it has let requests in. It has no members. */
  public static final String GATE = "penstock-gate";

  /** Application id of the topology, and so its consumer group and the prefix of changelogs. */
  public static final String TOPOLOGY = "penstock-topology";

  /** Share groups of the workers: this, a dash and the lane's word. */
  public static final String WORKERS = "penstock-workers";

  /** Share group of the workers that see to providers' batches. */
  public static final String JOB_WORKERS = WORKERS + "-jobs";

  /** Consumer group of the ingress instances that run batches: it tells who runs which. */
  public static final String BATCHES = "penstock-batches";

  private Names() {}
}
