@echo off
rem sekisho: restrictions of gateway th-gw, plans: P-1.
netsh advfirewall firewall delete rule name="sekisho-next" >nul 2>&1
netsh advfirewall firewall add rule name="sekisho-next" dir=out action=block localip=10.40.0.0/16 remoteip=10.1.0.0/16,10.60.0.0/16 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=in action=block localip=10.1.0.0/16,10.60.0.0/16 remoteip=10.40.0.0/16 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=out action=block localip=10.1.0.0/16,10.60.0.0/16 remoteip=10.40.0.0/16 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=in action=block localip=10.40.0.0/16 remoteip=10.1.0.0/16,10.60.0.0/16 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=out action=block localip=2001:db8:40::/48 remoteip=2001:db8:1::/48 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=in action=block localip=2001:db8:1::/48 remoteip=2001:db8:40::/48 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=out action=block localip=2001:db8:1::/48 remoteip=2001:db8:40::/48 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=in action=block localip=2001:db8:40::/48 remoteip=2001:db8:1::/48 protocol=any || exit /b 1
netsh advfirewall firewall delete rule name="sekisho" >nul 2>&1
netsh advfirewall firewall set rule name="sekisho-next" new name="sekisho"
