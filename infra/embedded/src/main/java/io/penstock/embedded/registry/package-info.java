/** A schema registry inside this JVM, spoken to in process or over Confluent's REST interface. */
@NullMarked
package io.penstock.embedded.registry;

import org.jspecify.annotations.NullMarked;
