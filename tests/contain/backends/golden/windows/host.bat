@echo off
rem sekisho: restrictions of gateway th-gw, plans: P-1.
netsh advfirewall firewall delete rule name="sekisho-next" >nul 2>&1
netsh advfirewall firewall add rule name="sekisho-next" dir=out action=block localip=10.40.2.10/32 remoteip=0.0.0.0-255.255.255.255 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=in action=block localip=0.0.0.0-255.255.255.255 remoteip=10.40.2.10/32 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=out action=block localip=0.0.0.0-255.255.255.255 remoteip=10.40.2.10/32 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=in action=block localip=10.40.2.10/32 remoteip=0.0.0.0-255.255.255.255 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=out action=block localip=2001:db8:40::10/128 remoteip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=in action=block localip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff remoteip=2001:db8:40::10/128 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=out action=block localip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff remoteip=2001:db8:40::10/128 protocol=any || exit /b 1
netsh advfirewall firewall add rule name="sekisho-next" dir=in action=block localip=2001:db8:40::10/128 remoteip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff protocol=any || exit /b 1
netsh advfirewall firewall delete rule name="sekisho" >nul 2>&1
netsh advfirewall firewall set rule name="sekisho-next" new name="sekisho"
