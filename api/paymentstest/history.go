package paymentstest

// forgotten counts what was dropped to keep to the limit of [WithHistory].
type forgotten struct{ requests, letters int }

// forget drops the oldest requests and callbacks above the limit. It lets them
// grow by half before it does, so that each is moved once in a while only.
func (s *Server) forget() {
	limit := s.config.history
	if limit == 0 {
		return
	}
	if over := len(s.requests) - limit; over > limit/2 {
		s.requests = append([]*Request(nil), s.requests[over:]...)
		s.forgotten.requests += over
	}
	if over := len(s.letters) - limit; over > limit/2 {
		s.letters = append([]*letter(nil), s.letters[over:]...)
		s.forgotten.letters += over
	}
}
