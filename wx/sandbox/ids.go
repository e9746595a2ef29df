package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

const (
	digits    = "0123456789"
	hexLower  = "0123456789abcdef"
	hexUpper  = "0123456789ABCDEF"
	alnum     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	tokenSafe = alnum + "-_"
)

// idMaker makes everything that looks random, in the shapes of the real platform. It is seeded, so nothing
// that it makes is a secret.
type idMaker struct {
	seed uint64
	mu   sync.Mutex
	rng  *rand.Rand
}

func newIDMaker(seed uint64) *idMaker {
	return &idMaker{seed: seed, rng: rand.New(rand.NewPCG(seed, 1))}
}

func (m *idMaker) text(alphabet string, n int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[m.rng.IntN(len(alphabet))]
	}
	return string(out)
}

func (m *idMaker) bytes(n int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(m.rng.Uint32())
	}
	return out
}

// named derives n characters from the seed and a name, so that the same seed and name always give the same id.
func (m *idMaker) named(n int, parts ...string) string {
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], m.seed)
	sum := sha256.Sum256([]byte(string(seed[:]) + "\x00" + strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:n]
}

// openID is 28 characters: o, five that the app's users share, 22 of the user's own.
func (m *idMaker) openID(user, app string) string {
	return "o" + m.named(5, "app", app) + m.named(22, "openid", app, user)
}

func (m *idMaker) unionID(user, openPlatform string) string {
	return "o" + m.named(5, "open", openPlatform) + m.named(22, "unionid", openPlatform, user)
}

// phone is a number of mainland China.
func (m *idMaker) phone(name string) string {
	sum := sha256.Sum256([]byte(m.named(22, "phone", name)))
	return fmt.Sprintf("1%d%09d", 3+sum[0]%7, binary.BigEndian.Uint64(sum[1:])%1e9)
}

// virtualOpenID is a snapshot user's: of the app's shape, and nobody's.
func (m *idMaker) virtualOpenID(app string) string {
	return "o" + m.named(5, "app", app) + m.text(tokenSafe, 22)
}

func (m *idMaker) loginCode() string  { return "0" + m.text(alnum, 31) }
func (m *idMaker) sessionKey() string { return base64.StdEncoding.EncodeToString(m.bytes(16)) }

// sceneTicket is that of a QR code with a scene, always the same.
func (m *idMaker) sceneTicket(app, scene string) string {
	return "gQ" + m.named(43, "scene", app, scene) + m.named(43, "more", app, scene) + "=="
}

// phoneCode is longer than a login code, so that a person can tell them apart.
func (m *idMaker) phoneCode() string { return m.text(hexLower, 64) }

// accessToken has the shape by which a malformed token (40014) is told from a wrong one (40001).
func (m *idMaker) accessToken() string { return m.text("6789", 2) + "_" + m.text(tokenSafe, 133) }

// ticket has the shape of a jsapi_ticket, card tickets look alike.
func (m *idMaker) ticket() string { return "O3SMpm8bG7kJnF36aXbe8" + m.text(tokenSafe, 65) }

// certificateSerial is that of a merchant's n-th platform certificate: 40 hex digits, a positive number of 20 bytes.
func (m *idMaker) certificateSerial(mchID string, n int) string {
	sum := sha256.Sum256([]byte(m.named(22, "certificate", mchID, fmt.Sprint(n))))
	return "5" + strings.ToUpper(fmt.Sprintf("%x", sum))[:39]
}

// percent is drawn between 0 and 99.
func (m *idMaker) percent() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rng.IntN(100)
}

func (m *idMaker) prepayID(at time.Time) string {
	return "wx" + china(at).Format("20060102150405") + m.text(digits, 6) + m.text(hexLower, 14)
}

// payCode is 18 digits that begin with 10 to 15.
func (m *idMaker) payCode() string { return "1" + m.text(digits[:6], 1) + m.text(digits, 16) }

func (m *idMaker) transactionID(at time.Time) string {
	return "42000" + m.text(digits, 5) + china(at).Format("20060102") + m.text(digits, 10)
}

// refundID has 29 digits.
func (m *idMaker) refundID(at time.Time) string {
	return "503" + m.text(digits, 8) + china(at).Format("20060102") + m.text(digits, 10)
}

// sharingID has 28 digits, like a return's.
func (m *idMaker) sharingID(at time.Time) string {
	return "30000" + m.text(digits, 5) + china(at).Format("20060102") + m.text(digits, 10)
}

// detailID is that of one receiver's part.
func (m *idMaker) detailID(at time.Time) string {
	return "36011" + china(at).Format("20060102") + m.text(digits, 15)
}

func (m *idMaker) requestID(internal int) string {
	return fmt.Sprintf("08%s-%d", m.text(hexUpper, 38), internal)
}

// notificationID is UUID-like, 36 characters.
func (m *idMaker) notificationID() string {
	h := m.text(hexLower, 31)
	return h[:8] + "-" + h[8:12] + "-5" + h[12:15] + "-a" + h[15:18] + "-" + h[18:30]
}

// rid is the trailer of errmsg: three groups of eight hex digits.
func (m *idMaker) rid() string {
	return m.text(hexLower, 8) + "-" + m.text(hexLower, 8) + "-" + m.text(hexLower, 8)
}
