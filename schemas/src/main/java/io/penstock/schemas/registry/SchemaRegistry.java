package io.penstock.schemas.registry;

import org.apache.avro.Schema;

/**
 * Gives every schema a number that is stable for ever, in the manner of the Confluent registry.
 * Implementations cache, and may be called from any thread.
 */
public interface SchemaRegistry extends AutoCloseable {

  /**
   * The id of {@code schema} under {@code subject}, registering it when it is new.
   *
   * @throws RegistryException.Incompatible when the subject's compatibility rule refuses it
   * @throws RegistryException.Unavailable when no registry could be reached; worth trying again
   */
  int register(String subject, Schema schema);

  /**
   * The schema with {@code id}.
   *
   * @throws RegistryException.NotFound when the registry does not know the id
   * @throws RegistryException.Unavailable when no registry could be reached; worth trying again
   */
  Schema byId(int id);

  @Override
  void close();
}
