/** A real Apache Kafka broker inside this JVM, its data kept in one directory. */
@NullMarked
package io.penstock.embedded.broker;

import org.jspecify.annotations.NullMarked;
