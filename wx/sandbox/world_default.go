package sandbox

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"strings"
)

//go:embed keys/*.pem
var developmentKeys embed.FS

// App ids of DefaultApps, and the merchants of DefaultMerchants.
const (
	DefaultMiniProgram      = "wx3a7c1e5f90b2d846" // pays with the first merchant
	DefaultSecondMini       = "wx6d02f8b4c91e57a3" // pays with the second merchant
	DefaultOfficialAccount  = "wx81e4b6d7a35c09f2" // pays with the first merchant
	DefaultWebsite          = "wxc5f19a2e7d4083b6"
	DefaultMobileApp        = "wxf0b83d6c12a794e5"
	DefaultUnboundMini      = "wx9e61d40b8c57f32a" // bound to no open platform: no unionid
	DefaultPartnerAccount   = "wx66f93e60f23831f2" // the service provider's official account: its sp_appid
	DefaultSubMini          = "wxb679bfe9065e1d73" // the first sub merchant's mini-program
	DefaultSubMobile        = "wxd41f7a08e6b92c35" // the first sub merchant's mobile app
	DefaultMerchant         = "1900000001"
	DefaultSecondMerchant   = "1900000109"
	DefaultPartner          = "1900000201" // a service provider, in certificate mode
	DefaultSubMerchant      = "1900000301" // has apps of its own
	DefaultPlainSubMerchant = "1900000302" // has none: everything happens in the service provider's apps
	defaultOpenPlatform     = "main"
	defaultMerchantSerial   = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
	defaultSecondSerial     = "2AD41F6E0C8B7935D1E04F82B6A9C3750E8D61FB"
	defaultPartnerSerial    = "7E2C2069E2A70CFD03D5EF6D5196AED992DFFB9E"
	defaultPublicKeyID      = "PUB_KEY_ID_0119000000012025010100111100000001"
	defaultSecondPublicKeys = "PUB_KEY_ID_0119000001092025010100222200000002"
	defaultPartnerPublicKey = "PUB_KEY_ID_0119000002012025010100333300000003" // for the grey switch
)

// DefaultApps are the apps a platform is born with. Their secrets are public.
func DefaultApps() []App {
	app := func(id, kind, name, openPlatform string) App {
		return App{ID: id, Kind: kind, Name: name, Secret: derived("secret "+id, 32), OpenPlatform: openPlatform}
	}
	apps := []App{
		app(DefaultMiniProgram, KindMiniProgram, "Mini-program one", defaultOpenPlatform),
		app(DefaultSecondMini, KindMiniProgram, "Mini-program two", defaultOpenPlatform),
		app(DefaultOfficialAccount, KindOfficialAccount, "Official account", defaultOpenPlatform),
		app(DefaultWebsite, KindWebsite, "Website app", defaultOpenPlatform),
		app(DefaultMobileApp, KindMobileApp, "Mobile app", defaultOpenPlatform),
		app(DefaultUnboundMini, KindMiniProgram, "Mini-program unbound", ""),
		app(DefaultPartnerAccount, KindOfficialAccount, "Service provider's account", ""),
		app(DefaultSubMini, KindMiniProgram, "Sub merchant's mini-program", ""),
		app(DefaultSubMobile, KindMobileApp, "Sub merchant's mobile app", ""),
	}
	for i := range apps {
		switch a := &apps[i]; a.ID {
		case DefaultMiniProgram:
			a.pushes(PushJSON)
		case DefaultOfficialAccount:
			a.pushes(PushXML)
		}
	}
	return apps
}

// pushes gives the app what its owner sets in the console for message push, all but the URL.
func (a *App) pushes(format string) {
	a.Token, a.AESKey = derived("token "+a.ID, 32), derived("aes "+a.ID, 43)
	a.PushMode, a.PushFormat = PushSafe, format
}

// DefaultMerchants are the merchants a platform is born with. Their keys are public, see keys/README.md.
func DefaultMerchants() ([]Merchant, error) {
	merchants := []Merchant{
		{
			ID: DefaultMerchant, Name: "Corner shop", CertSerial: defaultMerchantSerial, PublicKeyID: defaultPublicKeyID,
			AppIDs: []string{DefaultMiniProgram, DefaultOfficialAccount, DefaultMobileApp},
		},
		{
			ID: DefaultSecondMerchant, Name: "Second shop", CertSerial: defaultSecondSerial, PublicKeyID: defaultSecondPublicKeys,
			AppIDs: []string{DefaultSecondMini, DefaultUnboundMini},
		},
		{
			ID: DefaultPartner, Name: "Service provider", CertSerial: defaultPartnerSerial, PublicKeyID: defaultPartnerPublicKey, Verification: VerifyCertificate,
			AppIDs:       []string{DefaultPartnerAccount, DefaultMobileApp},
			SubMerchants: []SubMerchant{{ID: DefaultSubMerchant, Name: "Sub merchant one", AppIDs: []string{DefaultSubMini, DefaultSubMobile}}, {ID: DefaultPlainSubMerchant, Name: "Sub merchant two"}},
		},
	}
	for i := range merchants {
		m := &merchants[i]
		m.APIv3Key, m.APIv2Key = derived("apiv3 "+m.ID, 32), derived("apiv2 "+m.ID, 32)
		files := map[string]*string{"merchant-": &m.PrivateKeyPEM, "wechatpay-": &m.PlatformPEM}
		if m.Verification != "" {
			files["certificate-"] = &m.CertificatePEM
		}
		for file, into := range files {
			text, err := developmentKeys.ReadFile("keys/" + file + m.ID + ".pem")
			if err != nil {
				return nil, err
			}
			*into = strings.TrimSpace(string(text)) + "\n"
		}
	}
	return merchants, nil
}

// derived makes a fixed secret-looking hex string of n characters, so that no literal secret stands in the code.
func derived(label string, n int) string {
	sum := sha256.Sum256([]byte("wxsandbox " + label))
	return hex.EncodeToString(sum[:])[:n]
}
