// Package validator checks requests, responses and status callbacks against an
// OpenAPI document of the Payments resource. kin-openapi validates the schemas;
// this package is strict where kin-openapi is lenient.
//
// # Requests
//
// The order of the checks is route, credentials, path values, query, media type and
// body; the first broken rule is reported.
//
//   - The path is matched as it was sent and then unescaped segment by segment:
//     %61 is an a, %2F is not a separator, ".." is an ordinary value. Servers in
//     the document, which may hold a base path, are ignored.
//   - Query parameters are refused, because the document declares none.
//   - HTTP Basic must be well formed, and present if the document requires it. The
//     server checks whether the credentials are right.
//   - The media type is compared without case; a charset must be UTF-8.
//   - A form field is refused if it is undeclared, repeated, badly escaped or not
//     UTF-8. So is a raw semicolon, which parsers of forms read differently.
//   - Numbers are JSON numbers within the range of a float64, integers have
//     neither fraction nor exponent, and bounds are compared exactly. Booleans
//     are true or false. Other values are text: a property without a type, or of
//     type object, which has no agreed encoding, accepts any text.
//   - An empty body means no body. The vendor's document makes the body optional,
//     although two fields are required; ours requires it.
//   - format: uri is not checked, because relative URLs are allowed and almost any
//     text is one.
//
// # Responses
//
// The status must be declared; default covers only 400 to 599, because it describes
// failures. The body is one JSON text of the declared media type, in UTF-8, without
// byte order mark or trailing bytes. Of all formats, only date-time-rfc-2822 is
// checked. Declared headers are checked if present, and so is
// Access-Control-Allow-Credentials, which the vendor declares as a boolean although
// trimming drops headers.
//
// # Status callbacks
//
// An empty field counts as absent unless it is required, because Twilio sends fields
// that do not apply as empty. Undeclared fields are allowed, because Twilio adds some
// without notice, and so are unlisted values of an enum marked with x-open-enum.
// Repeated fields are refused.
//
// # Errors
//
// Every failed check returns a [*Violation] with the location, the field and the rule,
// never a value.
//
// # Other users of kin-openapi
//
// A program may use kin-openapi itself: this package neither writes to its
// process-wide registries of body decoders and formats nor depends on them.
package validator
