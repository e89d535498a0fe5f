"""What SIPp plays: callers who wait until they are hung up on, operators who answer at once.

Signalling only: no scenario sends sound, so that SIPp itself costs little of the two cores.
"""

from pathlib import Path

_SDP = """v=0
o=bench 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000"""

CALLER = f"""<?xml version="1.0"?>
<scenario name="a caller who waits">
<send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:08[call_number]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{_SDP}
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200"/>
<send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:08[call_number]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<label id="1"/>
<recv request="INVITE" optional="true" next="2"/>
<recv request="BYE" next="3"/>
<label id="2"/>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:caller@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{_SDP}
]]></send>
<recv request="ACK" next="1"/>
<label id="3"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""
"""A re-INVITE that asks whether the caller is still there gets its answer."""


def operator(pause: str) -> str:
    """An operator who answers at once, talks for a `<pause …/>` and hangs up."""
    return f"""<?xml version="1.0"?>
<scenario name="operators">
<recv request="OPTIONS" optional="true" next="2"/>
<recv request="INVITE"><action>
<ereg regexp="sip:[^ ;>]*" search_in="hdr" header="Contact:" assign_to="peer"/>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
</action></recv>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]o[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]o[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{_SDP}
]]></send>
<recv request="ACK"/>
{pause}
<send retrans="500"><![CDATA[
BYE [$peer] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From:[$to];tag=[pid]o[call_number]
To:[$from]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200" optional="true" next="1"/>
<recv response="481" optional="true" next="1"/>
<recv request="BYE" next="2"/>
<label id="2"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<label id="1"/>
</scenario>
"""


def talk(seconds: float, spread: float = 0.0) -> str:
    """How long operators talk: fixed, or uniform within `spread` of the mean (a share, 0 to 1)."""
    if not spread:
        return f'<pause milliseconds="{seconds * 1000:.0f}"/>'
    low, high = seconds * (1 - spread) * 1000, seconds * (1 + spread) * 1000
    return f'<pause distribution="uniform" min="{low:.0f}" max="{high:.0f}"/>'


def write(directory: Path, name: str, text: str) -> Path:
    """Put a scenario where SIPp can read it."""
    path = directory / f"{name}.xml"
    path.write_text(text)
    return path
