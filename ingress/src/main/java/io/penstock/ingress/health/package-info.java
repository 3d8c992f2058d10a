/** Whether requests can be served, and by what they cannot. */
@NullMarked
package io.penstock.ingress.health;

import org.jspecify.annotations.NullMarked;
