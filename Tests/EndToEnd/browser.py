"""People at the site: a headless Chromium for each, driven through WebDriver, that reaches this machine alone."""

import contextlib
import pathlib
import re
import shutil
import sqlite3

import pytest
import selenium_axe_python
from selenium import webdriver
from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
AXE = pathlib.Path(selenium_axe_python.__file__).parent / "axe-core" / "axe.min.js"
#: A phone's and a desk's screen, in CSS pixels, and the narrowest that a page must fit (WCAG 2.2, 1.4.10).
SCREENS = {390: (390, 844), 1280: (1280, 900)}
NARROW = 320
SIZES = SCREENS | {NARROW: (NARROW, 640)}
ARGUMENTS = [
    "--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync",
    "--disable-domain-reliability", "--disable-client-side-phishing-detection", "--disable-extensions", "--no-pings",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,CertificateTransparencyComponentUpdater",
    # Whatever is left finds no other host.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server",
    # Its sandbox refuses to work for root, and the tests run as root in containers. It opens our own pages only.
    "--no-sandbox",
]  # fmt: skip
#: What a browser logs although the page is right: it asks for a complaint until it is registered, and for a link until
#: Intake has read it. A link that did not come by SMS confirms no number.
EXPECTED = re.compile(
    r"/api/complaints/\w{13} .* 404 |/v1/(link|actions|complaints/\w+/actions) .* 503 |/v1/confirmations .* (403|503) "
)
LANGUAGES = {"zh": "中文", "en": "English"}


def available():
    return bool(CHROMIUM and DRIVER)


class Person:
    """One person's browser. What is pressed and filled in is found by the words that the person reads."""

    PATIENCE = 20

    def __init__(self, folder):
        self.folder = folder
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in [*ARGUMENTS, f"--user-data-dir={folder}"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        self.driver.set_script_timeout(120)
        self.axe = AXE.read_text()

    def renew(self, width):
        """As somebody else who has never been here, with a screen so wide."""
        former = self.driver.current_window_handle
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
        # Nothing of the former tab is left: its history and what it keeps for itself.
        self.driver.switch_to.new_window("tab")
        mine = self.driver.current_window_handle
        self.driver.switch_to.window(former)
        self.driver.close()
        self.driver.switch_to.window(mine)
        self.driver.get_log("browser")
        self.resize(width)

    def resize(self, width):
        self.width, height = SIZES[width]
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)

    def become_somebody_else(self, width):
        """The former person must have seen no error."""
        assert self.errors() == []
        self.renew(width)
        return self

    def close(self):
        self.driver.quit()

    def leave(self):
        """Closes the browser; gives the addresses that its list of visited pages shows to whoever opens it next."""
        self.close()
        chain_end = 0x20000000  # ui/base/page_transition_types.h: of a chain of redirects the list shows the end alone.
        with contextlib.closing(sqlite3.connect(self.folder / "Default" / "History")) as history:
            query = "SELECT urls.url FROM urls JOIN visits ON visits.url = urls.id WHERE visits.transition & ?"
            return [url for (url,) in history.execute(query, [chain_end])]

    # What he does

    def open(self, address, language=None):
        self.driver.get(address)
        self.find("#main h1")
        if language:
            self.choose_language(language)

    def choose_language(self, language):
        button = self.find(f".languages [lang^={language}]")
        if button.get_attribute("aria-pressed") == "false":
            button.click()
            self.wait(f"{language} is chosen", lambda: self.pressed_language() == LANGUAGES[language])

    def pressed_language(self):
        return self.find(".languages [aria-pressed=true]").text

    def reload(self):
        self.driver.refresh()
        self.find("#main h1")

    def press(self, words, within="body"):
        """A link, a button, a choice or a heading that unfolds, by the words that stand on it."""
        self.on_visible(f"{within} :is(a, button, summary, label)", words, lambda one: one.click())

    def press_card(self, words, within):
        """A link that begins with these words and says more below."""
        self.on_visible(f"{within} a", words, lambda one: one.click(), begins=True)

    def unfold(self, words):
        """A form of those that apply, which may have unfolded by itself."""
        script = "const form = arguments[0].closest('details'); if (!form.open) arguments[0].click()"
        self.on_visible(".act summary", words, lambda one: self.driver.execute_script(script, one))

    def fill(self, label, text, within="body"):
        """The field under a label that begins with these words."""
        self.on_field(label, within, lambda field: field.send_keys(text))

    def choose(self, label, option, within="body"):
        """The first option that begins with these words, of a list under a label."""

        def choose(field):
            found = [one for one in Select(field).options if one.text.startswith(option)]
            if found:
                found[0].click()
            return bool(found)

        self.on_field(label, within, choose)

    def on_field(self, label, within, act):
        on = lambda one: act(self.driver.find_element(By.ID, one.get_attribute("for")))
        self.on_visible(f"{within} label[for]", label, on, begins=True)

    def on_visible(self, selector, words, act, begins=False):
        """Does something to the element on which these words stand, once it is there; a page may put a new one in its
        place meanwhile."""
        script = """const [selector, words, begins] = arguments
            return [...document.querySelectorAll(selector)].find((one) => {
              const text = one.innerText.trim()
              return one.checkVisibility() && (begins ? text.startsWith(words) : text === words)
            })"""

        def acted():
            found = self.driver.execute_script(script, selector, words, begins)
            # What it gives says whether it could be done, where it gives anything.
            return found is not None and act(found) is not False

        self.wait(f"“{words}” stands on a {selector}", acted)

    def be_at(self, longitude, latitude):
        """Where the device says that it is, to pages that ask."""
        self.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["geolocation"]})
        place = {"longitude": longitude, "latitude": latitude, "accuracy": 12}
        self.driver.execute_cdp_cmd("Emulation.setGeolocationOverride", place)

    def leave_field(self):
        self.driver.execute_script("document.activeElement.blur()")

    def from_module(self, module, expression, *arguments):
        """What a module of the site gives for these arguments: `expression` is a function of it and of them."""
        return self.driver.execute_async_script(
            "const [module, given, done] = arguments;"
            " const beside = document.querySelector('script[type=module]').src;"
            f" import(new URL('.' + module, beside)).then((it) => done(({expression})(it, ...given)))",
            module, list(arguments),
        )  # fmt: skip

    # What he sees

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def find(self, selector):
        return self.wait(f"{selector} is shown", lambda: next(iter(self.all(selector)), None))

    def text(self, selector="#main"):
        return self.find(selector).text

    def sees(self, words, selector="#main"):
        """Waits until the words stand there."""
        self.wait(f"“{words}” stands in {selector}", lambda: words in self.find(selector).text)

    def wait_for_all(self):
        """Every part of the page has its content."""
        self.wait("all is read", lambda: not self.all("#main :is([aria-busy], .loading)"))

    def wait(self, what, condition):
        # What a page replaces meanwhile is gone, or hidden for a moment.
        replaced = [StaleElementReferenceException, ElementNotInteractableException]
        waiting = WebDriverWait(self.driver, self.PATIENCE, 0.1, replaced)
        try:
            return waiting.until(lambda _: condition())
        except TimeoutException:
            text = self.driver.execute_script("return document.querySelector('#main')?.innerText.slice(0, 1000)")
            raise AssertionError(f"not within {self.PATIENCE} s: {what}. The page says: {text}") from None

    @property
    def addresses(self):
        """Of the page, and of every page that the tab's history leads back to."""
        entries = self.driver.execute_cdp_cmd("Page.getNavigationHistory", {})["entries"]
        return [self.driver.current_url, *(entry["url"] for entry in entries)]

    def asked(self):
        """The addresses that the page has asked for since it was loaded."""
        return self.driver.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")

    # What is wrong

    def too_wide(self):
        """What sticks out to the right where the page can be moved sideways; at a desk, tables that have to be moved."""
        return self.driver.execute_script(
            """const [width, isDesk] = arguments, page = document.documentElement
            const name = (one) => `${one.tagName.toLowerCase()}.${one.getAttribute("class")}`
            const tables = [...document.querySelectorAll(".scroll")]
              .filter((one) => isDesk && one.scrollWidth > one.clientWidth).map(name)
            if (page.scrollWidth <= width) return tables
            return [...document.body.querySelectorAll("*")]
              .filter((one) => one.getBoundingClientRect().right > width + 0.5).map(name)
              .concat(tables, `the page is ${page.scrollWidth} pixels wide`)""",
            self.width, self.width > 1000,
        )  # fmt: skip

    def barriers(self, within="html"):
        """What axe-core calls serious or critical, and landmarks that can't be told apart, a line for each."""
        if not self.driver.execute_script("return Boolean(window.axe)"):
            self.driver.execute_script(self.axe)
        found = self.driver.execute_async_script(
            """axe.run(arguments[0], { resultTypes: ["violations"] })
              .then(({ violations }) => arguments[1](violations), (failure) => arguments[1](String(failure)))""",
            within,
        )
        assert isinstance(found, list), found
        return [
            f"{one['impact']} {one['id']}: {node['target']} {node['html'][:160]}"
            for one in found if one["impact"] in ("serious", "critical") or "landmark" in one["id"] for node in one["nodes"]
        ]  # fmt: skip

    def errors(self):
        """What the console has called an error since the last question."""
        log = self.driver.get_log("browser")
        return [one["message"] for one in log if one["level"] == "SEVERE" and not EXPECTED.search(one["message"])]

    def check_but_for(self, status):
        """The page fits the screen, and nothing has failed on it but what was refused with this status."""
        errors = [one for one in self.errors() if f"status of {status}" not in one]
        assert (self.too_wide(), errors) == ([], []), self.driver.current_url

    def check(self):
        """The page fits the screen, and nothing has failed on it."""
        found = (self.too_wide(), self.errors())
        assert found == ([], []), f"{self.driver.current_url}: {found}"


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    """The browsers that run already."""
    running = []
    yield running
    for one in running:
        one.close()


@pytest.fixture
def browser(people, tmp_path_factory):
    """Gives a person with a screen so wide; who is asked for in one test is another each time."""
    if not available():
        pytest.skip("no browser: install chromium and chromium-driver")
    given = []

    def person(width=1280):
        if len(given) == len(people):
            people.append(Person(tmp_path_factory.mktemp("browser")))
        one = people[len(given)]
        one.renew(width)
        given.append(one)
        return one

    yield person
    for one in given:
        errors = one.errors()
        assert errors == [], errors
