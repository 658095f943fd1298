"""The pages of the test-bed's modem: those of a Technicolor TC4400, with what a test sets.

Values come from settings of the host `modem` (see README.md): levels, uptime, clock, counters.
Pages are built on each request, so that counters run.
"""

import base64
import html
import time

# Codewords a second of a channel that is 8 MHz wide and has 256-QAM, while it is locked.
CODEWORDS_A_SECOND = 34_078.43
CHANNELS = 8
FIRMWARE = "SR70.12.42-190604-TB"


class Modem:
    """Its boot, which a change of the setting `uptime` moves."""

    def __init__(self):
        self.boot = time.time()
        self.set_uptime = None

    def apply(self, settings):
        uptime = settings.get("uptime")
        if uptime is not None and uptime != self.set_uptime:
            self.boot = time.time() - uptime
        self.set_uptime = uptime

    def page(self, path, settings, events):
        """The page, or None."""
        build = {
            "/cmconnectionstatus.html": self.connection_status,
            "/cmswinfo.html": self.software,
            "/info.html": self.info,
        }.get(path)
        if path == "/cmeventlog.html":
            return event_log(settings, events)
        return build and build(settings)

    def uptime(self):
        return max(0, time.time() - self.boot)

    def connection_status(self, settings):
        locked = settings.get("locked", "on") == "on"
        state = ("OK", "Operational") if locked else ("In Progress", "Not Synchronized")
        page = HEAD + table("Startup Procedure", ["Procedure", "Status", "Comment"], [
            ["Acquire Downstream Channel", "570000000 Hz", "Locked" if locked else "Not Locked"],
            ["Connectivity State", *state],
            ["Boot State", *state],
        ])
        good = max(0, int((self.uptime() - settings.get("unlocked", 0)) * CODEWORDS_A_SECOND))
        bad = settings.get("uncorrectable", 0)
        down = []
        for n in range(1, CHANNELS + 1):
            down.append([
                n, n + 4, "Locked" if locked else "Not Locked", "SC-QAM",
                "Bonded" if locked else "Not Bonded", f"{562000000 + 8000000 * n} Hz", "8000000 Hz",
                f"{settings.get('snr', 38.5) if locked else 0.0:.1f} dB",
                f"{settings.get('power', 1.5) if locked else 0.0:.1f} dBmV",
                "QAM256" if locked else "Unknown", good % 2**32, 17, bad])
        page += table("Downstream Channel Status", [
            "Channel Index", "Channel ID", "Lock Status", "Channel Type", "Bonding Status",
            "Center Frequency", "Channel Width", "SNR/MER Threshold Value", "Received Level",
            "Modulation/Profile ID", "Unerrored Codewords", "Corrected Codewords",
            "Uncorrectable Codewords"], down)
        up = [[n, n, "Locked" if locked else "Not Locked", "SC-QAM",
               "Bonded" if locked else "Not Bonded", f"{24000000 + 6400000 * n} Hz", "6400000 Hz",
               f"{settings.get('transmit', 44.0):.1f} dBmV", "ATDMA"] for n in range(1, 5)]
        page += table("Upstream Channel Status", [
            "Channel Index", "Channel ID", "Lock Status", "Channel Type", "Bonding Status",
            "Center Frequency", "Channel Width", "Transmit Level", "Modulation/Profile ID"], up)
        return page + f"<p>Current System Time: {asctime(settings, time.time())}</p>" + FOOT

    def software(self, settings):
        days, seconds = divmod(int(self.uptime()), 86400)
        uptime = f"{days} days {seconds // 3600:02}h:{seconds // 60 % 60:02}m:{seconds % 60:02}s"
        firmware = html.escape(settings.get("firmware", FIRMWARE))
        return HEAD + table("Information", ["", ""], [
            ["Standard Specification Compliant", "Docsis 3.1"],
            ["Hardware Version", "TC4400 Rev:3.6.0"],
            ["Software Version", firmware],
            ["Cable Modem MAC Address", "00:00:5e:00:53:01"],
        ]) + table("Status", ["", ""], [
            ["System Up Time", uptime],
            ["Network Access", "Allowed"],
            ["Cable Modem IP Address", "10.1.2.3"],
            ["Board Temperature", "-99.0 degrees Celsius"],
        ]) + FOOT

    def info(self, settings):
        seconds = int(self.uptime())
        uptime = (f"{seconds // 86400}D {seconds // 3600 % 24}H {seconds // 60 % 60}M {seconds % 60}S")
        offset = settings.get("clock", 0)
        # A clock that is off by quarters of an hour shows its zone; what remains is its error.
        zone = round(offset / 900) * 900
        shown = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + offset))
        sign = "-" if zone < 0 else "+"
        systime = f"{shown}{sign}{abs(zone) // 3600:02}:{abs(zone) // 60 % 60:02}"
        return HEAD + table("Device Information", ["", ""], [
            ["Board ID:", "BCM93390DCM"], ["Uptime:", uptime], ["Systime:", systime]]) + FOOT


HEAD = "<html><head><title>Residential Getway</title></head><body><blockquote>"
FOOT = "</blockquote></body></html>\n"


def table(title, names, rows):
    cells = "".join(f"<td class='hd'>{name}</td>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    head = f"<tr>{cells}</tr>\n" if any(names) else ""
    return (f"<p><table><tr><th colspan={len(names)}>{title}</th></tr>\n{head}{body}</table>\n")


def asctime(settings, when):
    return time.asctime(time.gmtime(when + settings.get("clock", 0)))


def event_log(settings, events):
    """As that modem writes it: rows are closed and not opened, an empty table is not closed, texts are
    cut.  An event is a text, with `N:` before it for its level (1 to 8); `boot` in place of a time is
    written by what begins with `@`."""
    page = HEAD + ("<p><table><tr><th colspan=4>SNMP Event Log</th></tr><tr><td class='hd'>Index</td>"
                   "<td class='hd'>Time</td><td class='hd'>Level</td><td class='hd'>Description</td></tr>")
    for index, (when, text) in enumerate(events):
        shown = asctime(settings, when)
        if text.startswith("@"):
            shown, text = "Time Not Established", text[1:]
        level, _, rest = text.partition(":")
        level, text = (int(level), rest) if level in tuple("12345678") else (3, text)
        word = ("", "Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Information",
                "Debug")[level]
        text = text if len(text) <= 100 else text[:100] + "..."
        page += (f"<td>{index}</td><td>{shown}</td><td>{word} ({level})</td>"
                 f"<td>{html.escape(text)}&nbsp;</td></tr>\n")
    return page + ("</table>" if events else "") + FOOT


def is_let_in(settings, authorization):
    """Whether a request with this field may see the pages, by `login=USER:PASSWORD`."""
    login = settings.get("login")
    if not login:
        return True
    return authorization == "Basic " + base64.b64encode(login.encode()).decode()
