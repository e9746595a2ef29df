package h5

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"wxhub/pay"
)

// backend sees every order. Only who the order's merchant is may be made of that.
var backend = pay.Caller{Backend: true}

// elsewhere reports whether pages cannot be paid where they are shown. In a mini-program
// they are still shown: the mini-program takes over (see README).
func (v visit) elsewhere() bool {
	_, here := methods[v.scene]
	return !here && v.scene != SceneMiniProgram
}

// sendElsewhere says where the page can be paid, with a QR code that leads there.
func (h handlers) sendElsewhere(c *fiber.Ctx, v visit, title string) error {
	address := h.PublicURL + here(c, "")
	code, err := drawQR(address)
	if err != nil {
		return err
	}
	m := messagePage{frame: v.frame(say(v.lang, "elsewhere")), Mark: "phone", Text: say(v.lang, "elsewhere_"+string(v.scene)), QR: code, Address: address}
	m.Head = title
	return render(c, http.StatusOK, "message.html", m)
}
