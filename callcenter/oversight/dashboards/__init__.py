"""The Grafana pages as code: one Python source, JSON and provisioning printed into metrics/.

    python -m callcenter.oversight.dashboards           write what is printed
    python -m callcenter.oversight.dashboards --check   say what is stale; exit status 1

words: Thai and English · targets: what is good, middling, bad · panels: the kinds of panel ·
cabinet, floor, queue, operators, trunks, health: one page each · files: everything printed. What
every page must keep, and the pictures of the pages, are in tests/pictures/. Needs
grafana-foundation-sdk (requirements.lock); the service itself never imports it.
"""
