// Packages of Debian 12 that can be installed, a line each as in debian-installed.ts: those that people put into images,
// with everything that they depend on or recommend.

/** What the archive has beside what machines hold. */
export const AVAILABLE = `
apt-transport-https|2.6.2|sa|25604|35|oldlibs|apt|||transitional package for https support
bash-completion|1:2.11-6|a|233912|1463|shells||||programmable completion for the bash shell
bsd-mailx|8.1.2-0.20220412cvs-1||90364|175|mail|exim4-daemon-light libbsd0 libc6 liblockfile1|||simple mail user agent
build-essential|12.9||7704|20|devel|libc6-dev gcc g++ make dpkg-dev|||Informational list of build-essential packages
bzip2|1.0.8-5+b1||49804|121|utils|libbz2-1.0 libc6||bzip2-doc|high-quality block-sorting file compressor - utilities
cgroup-tools|2.0.2-2||76304|334|admin|libc6 libcgroup2|||control and monitor control groups (tools)
cowsay|3.03+dfsg2-8|a|21372|92|games|libtext-charwidth-perl perl||filters cowsay-off|configurable talking cow
dbus|1.14.10-1~deb12u1||97360|182|admin|init-system-helpers dbus-bin dbus-daemon dbus-system-bus-common libc6 libdbus-1-3 libexpat1 libsystemd0||dbus-user-session|simple interprocess messaging system (system message bus)
dbus-bin|1.14.10-1~deb12u1||105356|213|admin|libc6 libdbus-1-3|||simple interprocess messaging system (command line utilities)
dbus-daemon|1.14.10-1~deb12u1||183656|375|admin|dbus-bin dbus-session-bus-common libapparmor1 libaudit1 libc6 libcap-ng0 libdbus-1-3 libexpat1 libselinux1 libsystemd0|||simple interprocess messaging system (reference message bus)
dbus-session-bus-common|1.14.10-1~deb12u1|a|78232|107|admin||||simple interprocess messaging system (session bus configuration)
dbus-system-bus-common|1.14.10-1~deb12u1|a|79344|119|admin|adduser|||simple interprocess messaging system (system bus configuration)
dialog|1.3-20230209-1||284056|1213|misc|debianutils libc6 libncursesw6 libtinfo6|||Displays user-friendly dialog boxes from shell scripts
dirmngr|2.2.40-1.1+deb12u2||792544|1329|utils|adduser gpgconf lsb-base init-system-helpers libassuan0 libc6 libgcrypt20 libgnutls30 libgpg-error0 libksba8 libldap-2.5-0 libnpth0|gnupg|dbus-user-session libpam-systemd pinentry-gnome3 tor|GNU privacy guard - network certificate management service
dnsutils|1:9.18.49-1~deb12u3|sa|14224|26|net|bind9-dnsutils|||Transitional package for bind9-dnsutils
dpkg-dev|1.21.23|a|1354256|1728|utils|perl libdpkg-perl tar bzip2 xz-utils patch make binutils|build-essential gcc fakeroot gnupg gpgv libalgorithm-merge-perl|debian-keyring|Debian package development tools
dumb-init|1.2.5-2||14052|37|utils|libc6|||wrapper script which proxies signals to a child
ed|1.19-1||58056|108|editors|libc6|||classic UNIX line editor
exim4-base|4.96-15+deb12u11|s|1118988|1672|mail|adduser cron exim4-config netbase debconf libc6 libdb5.3|bsd-mailx psmisc|exim4-doc-html eximon4 file gnutls-bin balsa spf-tools-perl|support files for all Exim MTA (v4) packages
exim4-config|4.96-15+deb12u11|sa|257268|921|mail|adduser debconf|ca-certificates||configuration for the Exim MTA (v4)
exim4-daemon-light|4.96-15+deb12u11|s|606804|1496|mail|exim4-base debconf libc6 libcrypt1 libdb5.3 libgnutls-dane0 libgnutls30 libidn12 libidn2-0 libnsl2 libpcre2-8-0|||lightweight Exim MTA (v4) daemon
fakeroot|1.31-1.2||66912|208|utils|libfakeroot libc6|||tool for simulating superuser privileges
figlet|2.2.5-3+b1||136540|739|text|libc6|||Make large character ASCII banners out of ordinary text
fontconfig-config|2.14.1-4||314864|527|fonts|debconf fonts-dejavu-core|||generic font configuration library - configuration
fonts-dejavu-core|2.37-6|a|1067728|2960|fonts||||Vera font family derivate with additional characters
g++|4:12.2.0-3||1356|14|devel|cpp gcc g++-12 gcc-12||g++-multilib|GNU C++ compiler
g++-12|12.2.0-14+deb12u1||10694076|36161|devel|gcc-12-base gcc-12 libstdc++-12-dev libc6 libgmp10 libisl23 libmpc3 libmpfr6 libzstd1 zlib1g||g++-12-multilib|GNU C++ compiler
git|1:2.39.5-0+deb12u3||7264380|44890|vcs|libc6 libcurl3-gnutls libexpat1 libpcre2-8-0 zlib1g perl liberror-perl git-man|ca-certificates patch less openssh-client|gettext-base git-daemon-run git-doc git-email git-gui gitk|fast, scalable, distributed revision control system
git-man|1:2.39.5-0+deb12u3|a|2053236|2107|doc||||fast, scalable, distributed revision control system (manual pages)
gnupg|2.2.40-1.1+deb12u2|a|846132|886|utils|dirmngr gnupg-l10n gnupg-utils gpg gpg-agent gpg-wks-client gpg-wks-server gpgsm gpgv||parcimonie xloadimage|GNU privacy guard - a free PGP replacement
gnupg-l10n|2.2.40-1.1+deb12u2|a|1092644|4875|localization||||GNU privacy guard - localization files
gnupg-utils|2.2.40-1.1+deb12u2||927232|1837|utils|libassuan0 libbz2-1.0 libc6 libgcrypt20 libgpg-error0 libksba8 libreadline8 zlib1g|gpg gpg-agent gpgconf gpgsm||GNU privacy guard - utility programs
gosu|1.14-1+b10||766280|2185|admin||||Simple Go-based setuid+setgid+setgroups+exec
gpg|2.2.40-1.1+deb12u2||949888|1582|utils|gpgconf libassuan0 libbz2-1.0 libc6 libgcrypt20 libgpg-error0 libreadline8 libsqlite3-0 zlib1g|gnupg||GNU Privacy Guard -- minimalist public key operations
gpg-agent|2.2.40-1.1+deb12u2||694596|1349|utils|gpgconf pinentry-curses init-system-helpers libassuan0 libc6 libgcrypt20 libgpg-error0 libnpth0|gnupg|dbus-user-session libpam-systemd pinentry-gnome3 scdaemon|GNU privacy guard - cryptographic agent
gpg-wks-client|2.2.40-1.1+deb12u2||540932|683|utils|dirmngr gpg gpg-agent libassuan0 libc6 libgcrypt20 libgpg-error0|gnupg||GNU privacy guard - Web Key Service client
gpg-wks-server|2.2.40-1.1+deb12u2||531476|658|utils|gpg gpg-agent libc6 libgcrypt20 libgpg-error0|gnupg||GNU privacy guard - Web Key Service server
gpgconf|2.2.40-1.1+deb12u2||564852|804|utils|libassuan0 libc6 libgcrypt20 libgpg-error0 libreadline8|||GNU privacy guard - core configuration utilities
gpgsm|2.2.40-1.1+deb12u2||671420|993|utils|gpgconf libassuan0 libc6 libgcrypt20 libgpg-error0 libksba8 libreadline8|gnupg||GNU privacy guard - S/MIME version
htop|3.2.2-2||152412|378|utils|libc6 libncursesw6 libnl-3-200 libnl-genl-3-200 libtinfo6||lm-sensors lsof strace|interactive processes viewer
iperf3|3.12-1+deb12u2||33964|86|net|init-system-helpers debconf adduser libc6 libiperf0|||Internet Protocol bandwidth measuring tool
javascript-common|11+nmu1|a|6260|33|javascript|||apache2|Base support for JavaScript library packages
krb5-locales|1.20.1-2+deb12u5|a|63520|273|localization||||internationalization support for MIT Kerberos
libabsl20220623|20220623.1-1+deb12u2|m|390704|1913|libs|libc6 libgcc-s1 libstdc++6|||extensions to the C++ standard library
libalgorithm-diff-perl|1.201-1|a|43296|129|perl|perl|libalgorithm-diff-xs-perl||module to find differences between files
libalgorithm-diff-xs-perl|0.04-8+b1|m|11440|47|perl|perl perl-base libc6 libalgorithm-diff-perl|||module to find differences between files (XS accelerated)
libalgorithm-merge-perl|0.08-5|a|11788|43|perl|perl libalgorithm-diff-perl|||Perl module for three-way merge of textual data
libaom3|3.6.0-1+deb12u3|sm|1851316|5546|libs|libc6|||AV1 Video Codec Library
libassuan0|2.5.5-5|m|48464|117|libs|libc6 libgpg-error0|||IPC library for the GnuPG components
libatm1|1:2.5.1-4+b2|m|68312|107|libs|libc6|||shared library for ATM (Asynchronous Transfer Mode)
libavif15|0.11.1-1+deb12u1|m|94396|203|libs|libaom3 libc6 libdav1d6 libgav1-1 librav1e0 libsvtav1enc1 libyuv0|||Library for handling .avif files
libc-ares2|1.18.1-3|m|102484|169|libs|libc6|||asynchronous name resolver
libc-dev-bin|2.36-9+deb12u14||48056|94|libdevel|libc6|manpages manpages-dev libc-devtools||GNU C Library: Development binaries
libc-devtools|2.36-9+deb12u14||55684|138|devel|libc6 libgd3|manpages manpages-dev||GNU C Library: Development tools
libc-l10n|2.36-9+deb12u14|a|676384|4350|localization||||GNU C Library: localization files
libc6-dev|2.36-9+deb12u14|m|1903668|11975|libdevel|libc6 libc-dev-bin linux-libc-dev libcrypt-dev libnsl-dev rpcsvc-proto||glibc-doc manpages-dev|GNU C Library: Development Libraries and Header Files
libcgroup2|2.0.2-2|m|51740|135|libs|libc6|||control and monitor control groups (library)
libcrypt-dev|1:4.4.33-2|m|118144|341|libdevel|libcrypt1|||libcrypt development files
libcurl3-gnutls|7.88.1-10+deb12u15|m|386008|828|libs|libbrotli1 libc6 libgnutls30 libgssapi-krb5-2 libidn2-0 libldap-2.5-0 libnettle8 libnghttp2-14 libpsl5 librtmp1 libssh2-1 libzstd1 zlib1g|ca-certificates||easy-to-use client-side URL transfer library (GnuTLS flavour)
libdav1d6|1.0.0-2+deb12u1|m|513432|1616|libs|libc6|||fast and small AV1 video stream decoder (shared library)
libde265-0|1.0.11-1+deb12u3|sm|186436|471|libs|libc6 libgcc-s1 libstdc++6|||Open H.265 video codec implementation
libdeflate0|1.14-1|m|61416|161|libs|libc6|||fast, whole-buffer DEFLATE-based compression and decompression
libdpkg-perl|1.21.23|a|603796|1987|perl|perl dpkg|libfile-fcntllock-perl liblocale-gettext-perl bzip2 xz-utils|debian-keyring gnupg gpgv gcc binutils patch|Dpkg perl modules
liberror-perl|0.17029-2|a|29032|73|perl|perl|||Perl module for error/exception handling in an OO-ish way
libevent-2.1-7|2.1.12-stable-8+deb12u1|sm|181168|435|libs|libc6|||Asynchronous event notification library
libexpat1-dev|2.5.0-1+deb12u5|sm|159408|845|libdevel|libexpat1 libc6-dev|||XML parsing C library - development kit
libfakeroot|1.31-1.2|m|28328|144|libs|libc6|||tool for simulating superuser privileges - shared libraries
libfile-fcntllock-perl|0.22-4+b1||34848|129|perl|perl perl-base libc6||gcc|Perl module for file locking with fcntl(2)
libfontconfig1|2.14.1-4|m|385664|579|libs|libc6 libexpat1 libfreetype6 fontconfig-config|||generic font configuration library - runtime
libfreetype6|2.12.1+dfsg-5+deb12u4|m|397736|886|libs|libbrotli1 libc6 libpng16-16 zlib1g|||FreeType 2 font engine, shared library files
libgav1-1|0.18.0-1+b1|m|331664|945|libs|libabsl20220623 libc6 libgcc-s1 libstdc++6|||AV1 decoder developed by Google -- runtime library
libgd3|2.3.3-9+deb12u1|sm|123972|449|libs|libavif15 libc6 libfontconfig1 libfreetype6 libheif1 libjpeg62-turbo libpng16-16 libtiff6 libwebp7 libxpm4||libgd-tools|GD Graphics Library
libgnutls-dane0|3.7.9-2+deb12u7|m|407460|491|libs|libgnutls30 libc6 libunbound8||dns-root-data|GNU TLS library - DANE security support
libheif1|1.15.1-1+deb12u1|m|215348|659|libs|libaom3 libc6 libdav1d6 libde265-0 libgcc-s1 libstdc++6 libx265-199 zlib1g|||ISO/IEC 23008-12:2017 HEIF file format decoder - shared library
libidn12|1.41-1|m|83832|265|libs|libc6|||GNU Libidn library, implementation of IETF IDN specifications
libiperf0|3.12-1+deb12u2|m|91200|252|libs|libc6 libsctp1 libssl3|||Internet Protocol bandwidth measuring tool (runtime files)
libjbig0|2.1-6.1|m|31704|84|libs|libc6|||JBIGkit libraries
libjpeg62-turbo|1:2.1.5-2|m|166332|677|libs|libc6|||libjpeg-turbo JPEG runtime library
libjs-jquery|3.6.1+dfsg+~3.5.14-1|a|326128|705|javascript||javascript-common||JavaScript library for dynamic web applications
libjs-sphinxdoc|5.3.0-4|a|130384|184|javascript|libjs-jquery libjs-underscore|||JavaScript support for Sphinx documentation
libjs-underscore|1.13.4~dfsg+~1.11.4-3|a|115632|349|javascript||javascript-common libjs-jquery||JavaScript's functional programming helper library
libksba8|1.6.3-2|m|128416|316|libs|libc6 libgpg-error0|||X.509 and CMS support library
libldap-common|2.5.13+dfsg-5|a|29348|92|libs||||OpenLDAP common files for libraries
liblerc4|4.0.0+ds-2|m|170368|649|libs|libc6 libgcc-s1 libstdc++6|||Limited Error Raster Compression library
liblocale-gettext-perl|1.07-5||15408|51|perl|perl-base libc6|||module using libc functions for internationalization in Perl
liblockfile-bin|1.17-1+b1||20808|53|utils|libc6|||support binaries for and cli utilities based on liblockfile
liblockfile1|1.17-1+b1|m|16980|45|libs|libc6 liblockfile-bin|||NFS-safe locking library
liblzf1|3.6-3|m|10192|39|libs|libc6|||Very small data compression library
libncurses6|6.4-4|m|103136|335|libs|libtinfo6 libc6|libgpm2||shared libraries for terminal handling
libnftables1|1.0.6-2+deb12u2|m|299116|920|libs|libc6 libgmp10 libjansson4 libmnl0 libnftnl11 libxtables12|||Netfilter nftables high level userspace API library
libnl-3-200|3.7.0-0.2+b1|m|63124|182|libs|libc6|||library for dealing with netlink sockets
libnl-genl-3-200|3.7.0-0.2+b1|m|21600|58|libs|libnl-3-200 libc6|||library for dealing with netlink sockets - generic netlink
libnode108|18.20.4+dfsg-1~deb12u3|sm|10633176|46435|libs|libbrotli1 libc-ares2 libc6 libgcc-s1 libicu72 libnghttp2-14 libssl3 libstdc++6 libuv1 zlib1g node-acorn node-cjs-module-lexer node-undici|||evented I/O for V8 javascript - runtime library
libnpth0|1.6-3|m|18980|50|libs|libc6|||replacement for GNU Pth using system threads
libnsl-dev|1.3.0-2|m|66436|345|libdevel|libnsl2 libtirpc-dev|||libnsl development files
libnuma1|2.0.16-1|m|20964|71|libs|libc6|||Libraries for controlling NUMA policy
libpam-cap|1:2.66-4+deb12u3+b1|m|15052|53|libs|libpam-runtime libc6 libcap2 libpam0g|||POSIX 1003.1e capabilities (PAM module)
libpng16-16|1.6.39-2+deb12u6|sm|277048|417|libs|libc6 zlib1g|||PNG library - runtime (version 1.6)
libpopt0|1.19+dfsg-1|m|43268|245|libs|libc6|||lib for parsing cmdline parameters
libpython3-dev|3.11.2-1+b1|m|9572|37|python|libpython3.11-dev|||header files and a static library for Python (default)
libpython3.11|3.11.2-6+deb12u9|sm|1988800|7626|libs|libpython3.11-stdlib libc6 libexpat1 zlib1g|||Shared Python runtime library (version 3.11)
libpython3.11-dev|3.11.2-6+deb12u9|sm|4739284|25766|libdevel|libpython3.11-stdlib libpython3.11 libexpat1-dev zlib1g-dev|libc6-dev||Header files and a static library for Python (v3.11)
librav1e0|0.5.1-6|m|763348|2664|libs|libc6 libgcc-s1|||Fastest and safest AV1 encoder - shared library
libsasl2-modules|2.1.28+dfsg-10+deb12u1|sm|66868|284|libs|libc6 libssl3||libsasl2-modules-gssapi-mit libsasl2-modules-ldap libsasl2-modules-otp libsasl2-modules-sql|Cyrus SASL - pluggable authentication modules
libsctp1|1.0.19+dfsg-2|m|29720|56|libs|libc6||lksctp-tools|user-space access to Linux kernel SCTP - shared library
libstdc++-12-dev|12.2.0-14+deb12u1|m|2047292|19446|libdevel|gcc-12-base libgcc-12-dev libstdc++6 libc6-dev||libstdc++-12-doc|GNU Standard C++ Library v3 (development files)
libsvtav1enc1|1.4.1+dfsg-1|m|2121284|6632|libs|libc6|||Scalable Video Technology for AV1 (libsvtav1enc shared library)
libtext-charwidth-perl|0.04-11|m|9496|41|perl|libc6 perl-base|||get display widths of characters on the terminal
libtiff6|4.5.0-6+deb12u4|m|316172|716|libs|libc6 libdeflate0 libjbig0 libjpeg62-turbo liblerc4 liblzma5 libwebp7 libzstd1 zlib1g|||Tag Image File Format (TIFF) library
libtirpc-dev|1.3.3+ds-1|m|191428|717|libdevel|libtirpc3|||transport-independent RPC library - development files
libunbound8|1.17.1-2+deb12u4|m|552964|1236|libs|libc6 libevent-2.1-7 libgmp10 libhogweed6 libnettle8|||library implementing DNS resolution and validation
libwebp7|1.2.4-0.2+deb12u1|m|285512|544|libs|libc6|||Lossy compression of digital photographic images
libx11-6|2:1.8.4-2+deb12u2|m|759544|1562|libs|libc6 libxcb1 libx11-data|||X11 client-side library
libx11-data|2:1.8.4-2+deb12u2|a|291884|1577|x11||||X11 client-side library
libx265-199|3.5-2+b1|m|1150056|16203|libs|libc6 libnuma1 libstdc++6|||H.265/HEVC video stream encoder (shared library)
libxau6|1:1.0.9-1|m|19720|42|libs|libc6|||X11 authorisation library
libxcb1|1.15-1|m|144052|296|libs|libc6 libxau6 libxdmcp6|||X C Binding
libxdmcp6|1:1.1.2-3|m|26344|53|libs|libbsd0 libc6|||X11 Display Manager Control Protocol library
libxext6|2:1.3.4-1+b1|m|52932|132|libs|libc6 libx11-6|||X11 miscellaneous extension library
libxmuu1|2:1.1.3-3|m|23928|54|libs|libc6 libx11-6|||X11 miscellaneous micro-utility library
libxpm4|1:3.5.12-1.1+deb12u1|m|48608|111|libs|libc6 libx11-6|||X11 pixmap library
libyuv0|0.0~git20230123.b2528b0-1|m|168120|671|libs|libc6 libgcc-s1 libjpeg62-turbo libstdc++6|||Library for YUV scaling (shared library)
linux-libc-dev|6.1.192-3|sm|2458036|7191|devel||||Linux support headers for userspace development
locales|2.36-9+deb12u14|a|3906316|15847|localization|libc-bin libc-l10n debconf|||GNU C Library: National Language (locale) data [support]
lsb-release|12.0-1|a|6416|17|misc||||Linux Standard Base version reporting utility (minimal implementation)
lsof|4.95.0-1||318268|482|utils|libc6 libselinux1 libtirpc3|||utility to list open files
manpages|6.03-2|a|1331652|1548|doc|||gman|Manual pages about using a GNU/Linux system
manpages-dev|6.03-2|a|2030264|3732|doc|manpages||gman|Manual pages about using GNU/Linux for development
nftables|1.0.6-2+deb12u2||70292|176|net|libnftables1 libc6 libedit2|netbase|firewalld|Program to control packet filtering rules by Netfilter project
nginx|1.22.1-9+deb12u11|s|532468|1336|httpd|libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g iproute2 nginx-common|||small, powerful, scalable web/proxy server
nginx-common|1.22.1-9+deb12u11|sa|115544|333|httpd|debconf||fcgiwrap nginx-doc ssl-cert|small, powerful, scalable web/proxy server - common files
node-acorn|8.8.1+ds+~cs25.17.7-2|a|128252|911|javascript|node-xtend nodejs|||ECMAScript parser for Node.js
node-busboy|1.6.0+~cs2.6.0-2|a|16852|89|javascript||||Node.js module for parsing incoming HTML form data
node-cjs-module-lexer|1.2.2+dfsg-5|a|30112|160|javascript||||Fast lexer to extract named exports from CommonJS modules
node-undici|5.15.0+dfsg1+~cs20.10.9.3-1+deb12u4|a|284676|1484|javascript|node-busboy|||Node.js HTTP/1.1 client
node-xtend|4.0.2-3|a|3932|16|javascript||||Node.js library to easily extend an object
nodejs|18.20.4+dfsg-1~deb12u3|s|322140|3934|web|libc6 libnode108|ca-certificates nodejs-doc|npm|evented I/O for V8 javascript - runtime executable
nodejs-doc|18.20.4+dfsg-1~deb12u3|sa|3582164|15177|doc||nodejs||API documentation for Node.js, the javascript platform
patch|2.7.6-7+deb12u1|s|123080|246|vcs|libc6||ed diffutils-doc|Apply a diff file to an original
pinentry-curses|1.2.1-1||77448|140|utils|libassuan0 libc6 libgpg-error0 libncursesw6 libtinfo6||pinentry-doc|curses-based PIN or pass-phrase entry dialog for GnuPG
publicsuffix|20230209.2326-1|a|126380|339|net||||accurate, machine-readable list of domain name suffixes
python3-dev|3.11.2-1+b1||26180|155|python|python3 libpython3-dev python3.11-dev python3-distutils libjs-sphinxdoc|||header files and a static library for Python (default)
python3-distutils|3.11.2-3|a|130936|638|python|python3 python3-lib2to3|||distutils package for Python 3.x
python3-lib2to3|3.11.2-3|a|76284|365|python|python3|||Interactive high-level object-oriented language (lib2to3)
python3-pip|23.0.1+dfsg-1|a|1324972|6678|python|ca-certificates python3-distutils python3-setuptools python3-wheel python3|build-essential python3-dev||Python package installer
python3-pkg-resources|66.1.1-1+deb12u2|a|296604|1052|python|python3||python3-setuptools|Package Discovery and Resource Access using pkg_resources
python3-setuptools|66.1.1-1+deb12u2|a|521580|2534|python|python3-pkg-resources python3-distutils python3||python-setuptools-doc|Python3 Distutils Enhancements
python3-wheel|0.38.4-2|a|30808|131|python|python3-distutils python3||python3-setuptools|built-package format for Python
python3.11-dev|3.11.2-6+deb12u9|s|619256|619|python|python3.11 libpython3.11-dev libpython3.11|libc6-dev||Header files and a static library for Python (v3.11)
redis-server|5:7.0.15-1~deb12u10|s|73908|183|database|init-system-helpers lsb-base redis-tools|||Persistent key-value database with network interface
redis-tools|5:7.0.15-1~deb12u10|s|991988|5837|database|adduser libatomic1 libc6 libjemalloc2 liblzf1 libssl3 libsystemd0||ruby-redis|Persistent key-value database with network interface (client)
rpcsvc-proto|1.4.3-1||63268|246|libs|libc6|||RPC protocol compiler and definitions
rsync|3.5.0+ds1-0+deb12u1|s|498456|937|net|init-system-helpers libacl1 libc6 liblz4-1 libpopt0 libssl3 libxxhash0 libzstd1 zlib1g||openssh-client openssh-server python3 python3-braceexpand|fast, versatile, remote (and local) file-copying tool
sl|5.02-1+b1||13172|60|games|libc6 libncurses6 libtinfo6|||Correct you if you type 'sl' by mistake
socat|1.7.4.4-2||375188|1515|net|libc6 libssl3 libwrap0|||multipurpose relay for bidirectional data transfer
stress|1.0.7-1||21944|56|devel|libc6|||tool to impose load on and stress test a computer system
tini|0.19.0-1+b3||267204|731|utils|libc6|||tiny but valid init for containers
tree|2.1.0-1||52464|113|utils|libc6|||displays an indented directory tree, in color
unzip|6.0-28+deb12u1|s|166504|380|utils|libbz2-1.0 libc6||zip|De-archiver for .zip files
xauth|1:1.1.2-1||35960|81|x11|libc6 libx11-6 libxau6 libxext6 libxmuu1|||X authentication utility
xxd|2:9.0.1378-2+deb12u2||84116|135|editors|libc6|||tool to make (or reverse) a hex dump
xz-utils|5.4.1-1+deb12u2|s|471448|1226|utils|libc6 liblzma5|||XZ-format compression utilities
zip|3.0-13+deb12u1|s|230316|616|utils|libbz2-1.0 libc6|unzip||Archiver for .zip files
zlib1g-dev|1:1.2.13.dfsg-1|m|916272|1310|libdevel|zlib1g libc6-dev|||compression library - development
`;
