package pgbus_test

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	osexec "os/exec"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// TestAFullDisk has the tables on a disk of 16 MB: what does not fit is
// refused; what is stored stays, can be read, and can be deleted, which makes
// room again. If the tests may not mount a disk, the database simulates the
// error.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t, "fsync=off")
	pool := newPool(t, s.URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool), pgbus.WithKey(key))
	schema := bus.Schema()

	free := func() {
		exec(t, pool, "DROP TRIGGER full_disk ON "+schema+".events")
	}
	if dir := s.Dir + "-small"; os.Mkdir(dir, 0o700) == nil && osexec.Command("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", dir).Run() == nil {
		t.Cleanup(func() { _ = osexec.Command("umount", "-l", dir).Run() })
		pgserver.Give(t, dir)
		exec(t, pool, "CREATE TABLESPACE small LOCATION '"+dir+"'")
		exec(t, pool, "ALTER TABLE "+schema+".events SET TABLESPACE small")
		free = func() {
			exec(t, pool, "UPDATE "+schema+".calls SET expires = clock_timestamp() - interval '1 second' WHERE last > 1")
			if n, err := bus.Forget(bounded(t)); n == 0 || err != nil {
				t.Fatalf("forgot %d calls, %v", n, err)
			}
			exec(t, pool, "VACUUM "+schema+".events") // as autovacuum does later
		}
	} else {
		t.Logf("no disk can be mounted here: a trigger simulates a full disk")
		exec(t, pool, "CREATE FUNCTION "+schema+".refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$")
		exec(t, pool, "CREATE TRIGGER full_disk BEFORE INSERT ON "+schema+".events FOR EACH ROW WHEN (new.number > 50) EXECUTE FUNCTION "+schema+".refuse()")
	}

	kept := flowtest.NewSession()
	must(t, bus.Publish(bounded(t), flow.Message{Session: kept, ID: "kept"}))
	exec(t, pool, "VACUUM "+schema+".events") // creates the files in which it records free space
	full := flowtest.NewSession()
	var err error
	published := 0
	for ; err == nil && published < 1000; published++ {
		err = bus.Publish(bounded(t), flow.Message{Session: full, ID: strings.Repeat("x", published), Body: wire.Hide("PaymentError=" + noise(200_000))})
	}
	if !errors.Is(err, flow.ErrFull) || !strings.Contains(err.Error(), "no room on a disk") {
		t.Fatalf("after %d events: %v, want ErrFull", published, err)
	}
	past, live, err := bus.Subscribe(bounded(t), kept)
	if must(t, err); len(past) != 1 {
		t.Errorf("%d events of a session are left, want 1", len(past))
	}
	past, _, err = bus.Subscribe(bounded(t), full)
	if must(t, err); len(past) != published-1 {
		t.Errorf("%d events of the refused session are left, want %d", len(past), published-1)
	}
	free()
	must(t, bus.Publish(bounded(t), flow.Message{Session: kept, ID: "again"}))
	if m, err := live.Next(bounded(t)); err != nil || m.ID != "again" {
		t.Errorf("got %v, %v, want ID again", m, err)
	}
}

// noise returns n characters that do not compress.
func noise(n int) string {
	b := make([]byte, n/2)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
