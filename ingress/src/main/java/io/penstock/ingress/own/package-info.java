/** Our own API, written as it is given and told piece by piece. */
@NullMarked
package io.penstock.ingress.own;

import org.jspecify.annotations.NullMarked;
