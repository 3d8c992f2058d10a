/** OpenAI's API: chat completions and embeddings, read and written. */
@NullMarked
package io.penstock.ingress.openai;

import org.jspecify.annotations.NullMarked;
