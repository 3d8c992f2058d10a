/**
 * Batches as OpenAI's clients know them: a file of requests becomes requests of the batch lane, and
 * their responses become a file. What is known of a batch is on the log, and any instance goes on
 * with it.
 */
@NullMarked
package io.penstock.ingress.batches;

import org.jspecify.annotations.NullMarked;
