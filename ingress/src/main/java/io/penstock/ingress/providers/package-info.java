/** How the workers find the models of the providers. */
@NullMarked
package io.penstock.ingress.providers;

import org.jspecify.annotations.NullMarked;
