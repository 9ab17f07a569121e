// Package validator checks requests, responses and status callbacks against an
// OpenAPI document of the Payments resource. kin-openapi validates the schemas;
// this package is strict where kin-openapi is lenient.
//
// # Requests
//
// The route, then the credentials' form, the path values, the query, the media
// type and last the body; the first rule that is broken is the one reported.
//
//   - The path is matched as it was sent and then unescaped segment by segment:
//     %61 is an a, %2F is no separator, ".." is a value like any other. Servers
//     in the document, which may hold a base path, are ignored.
//   - A query parameter is refused: the document declares none.
//   - HTTP Basic is required where the document says so and must be well
//     formed. Whether the credentials are right is the server's business.
//   - The media type is compared without case; a charset has to be UTF-8.
//   - A form field is refused when undeclared, repeated, badly escaped or not
//     UTF-8, and so is a raw semicolon, which readers of forms take for two
//     different things.
//   - Numbers are JSON numbers within the range of a float64, integers have
//     neither fraction nor exponent, and bounds are compared exactly. Booleans
//     are true or false. All other values are the text they are: an untyped
//     property, or an object's, which has no agreed form, takes any text.
//   - An empty body is no body. The vendor's document leaves it optional and so
//     allows that, although two fields are required; ours requires it.
//   - format: uri is a note and not a rule: any text is taken, as a relative
//     URL is allowed and hardly any text is none.
//
// # Responses
//
// The status has to be declared; default covers 400 to 599 only, since it
// stands for failures. The body is one JSON text of the declared media type, in
// UTF-8, without byte order mark or trailing bytes. A format of
// date-time-rfc-2822 is checked on strings; no other format is. Declared
// headers are checked when present, and Access-Control-Allow-Credentials always:
// the vendor types it boolean, but trimming drops headers.
//
// # Status callbacks
//
// A field that is empty counts as absent, unless it is required: that is how
// Twilio says that it does not apply. Undeclared fields are allowed, as Twilio
// adds some without notice, and so are unlisted values of an enum that the
// document marks with x-open-enum. A repeated field is not.
//
// # Errors
//
// Every failed check returns a [*Violation]. It names the place, the field and the
// rule, never a value.
//
// # Other users of kin-openapi
//
// A program may use kin-openapi for itself: nothing is written to its
// process-wide registries of body decoders and formats, and no result depends
// on them.
package validator
