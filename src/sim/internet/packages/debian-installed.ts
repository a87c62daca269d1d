// Packages of Debian 12 that are installed from the start, a line each: name, version, where it is from (s: security, u:
// updates, a: architecture all, m: co-installable), bytes of the archive, KiB installed, section, what it depends on,
// recommends and suggests, what it is. Facts of the archive's index; alternatives are resolved, versions left out.

/** What the image debian:12 holds. */
export const MINIMAL = `
adduser|3.134|a|183272|686|admin|passwd||liblocale-gettext-perl perl cron quota|add and remove users and groups
apt|2.6.2|s|1373116|4232|admin|adduser gpgv libapt-pkg6.0 debian-archive-keyring libc6 libgcc-s1 libgnutls30 libseccomp2 libstdc++6 libsystemd0|ca-certificates|apt-doc aptitude dpkg-dev gnupg powermgmt-base|commandline package manager
base-files|12.4+deb12u15||70936|341|admin|mawk|||Debian base system miscellaneous files
base-passwd|3.6.1||59972|247|admin|libc6 libdebconfclient0 libselinux1|debconf||Debian base system master password and group files
bash|5.2.15-2+b13||1490652|7164|shells|libc6 libtinfo6 base-files debianutils|bash-completion|bash-doc|GNU Bourne Again SHell
bsdutils|1:2.38.1-5+deb12u3||94412|355|utils|libc6 libsystemd0|bsdextrautils||basic utilities from 4.4BSD-Lite
coreutils|9.1-1||2896560|18062|utils|libacl1 libattr1 libc6 libgmp10 libselinux1|||GNU core utilities
dash|0.5.12-2||91848|191|shells|libc6 debianutils dpkg|||POSIX-compliant shell
debconf|1.5.82|a|121212|491|admin||apt-utils debconf-i18n|debconf-doc debconf-kde-helper debconf-utils libgtk3-perl libnet-ldap-perl libterm-readline-gnu-perl|Debian configuration management system
debian-archive-keyring|2023.3+deb12u2|a|178572|293|misc||||GnuPG archive keys of the Debian archive
debianutils|5.7-0.5~deb12u1||102588|243|utils|libc6|||Miscellaneous utilities specific to Debian
diffutils|1:3.8-4||351740|1598|utils|libc6||diffutils-doc wdiff|File comparison utilities
dpkg|1.21.23||1567804|6409|admin|libbz2-1.0 libc6 liblzma5 libmd0 libselinux1 libzstd1 zlib1g tar||apt debsig-verify|Debian package management system
e2fsprogs|1.47.0-2+b2||571920|1497|admin|libblkid1 libc6 libcom-err2 libext2fs2 libss2 libuuid1 logsave|e2fsprogs-l10n|gpart parted fuse2fs e2fsck-static|ext2/ext3/ext4 file system utilities
findutils|4.9.0-4||635500|1746|utils|libc6 libselinux1|||utilities for finding files--find, xargs
gcc-12-base|12.2.0-14+deb12u1|m|37596|100|libs||||GCC, the GNU Compiler Collection (base package)
gpgv|2.2.40-1.1+deb12u2||648768|918|utils|libbz2-1.0 libc6 libgcrypt20 libgpg-error0 zlib1g||gnupg|GNU privacy guard - signature verification tool
grep|3.8-5||421444|1245|utils|libc6 libpcre2-8-0 dpkg|||GNU grep, egrep and fgrep
gzip|1.12-1||140364|252|utils|libc6 dpkg||less|GNU compression utilities
hostname|3.23+nmu1||10500|46|admin|libc6|||utility to set/show the host name or domain name
init-system-helpers|1.65.2+deb12u1|a|39020|133|admin|usrmerge|||helper tools for all init systems
libacl1|2.3.1-3|m|31488|73|libs|libc6|||access control list - shared library
libapt-pkg6.0|2.6.2|sm|906972|3297|libs|libbz2-1.0 libc6 libgcc-s1 libgcrypt20 liblz4-1 liblzma5 libstdc++6 libsystemd0 libudev1 libxxhash0 libzstd1 zlib1g|apt||package management runtime library
libattr1|1:2.5.1-4|m|22164|59|libs|libc6|||extended attribute handling - shared library
libaudit-common|1:3.0.9-1|a|10448|22|libs||||Dynamic library for security auditing - common files
libaudit1|1:3.0.9-1|m|46764|150|libs|libaudit-common libc6 libcap-ng0|||Dynamic library for security auditing
libblkid1|2.38.1-5+deb12u3|m|147380|398|libs|libc6|||block device ID library
libbz2-1.0|1.0.8-5+b1|m|47348|106|libs|libc6|||high-quality block-sorting file compressor library - runtime
libc-bin|2.36-9+deb12u14||609144|2042|libs|libc6|manpages||GNU C Library: Binaries
libc6|2.36-9+deb12u14|m|2759320|13001|libs|libgcc-s1|libidn2-0|glibc-doc debconf libc-l10n locales libnss-nis libnss-nisplus|GNU C Library: Shared libraries
libcap-ng0|0.8.3-1+b3|m|17068|65|libs|libc6|||alternate POSIX capabilities library
libcap2|1:2.66-4+deb12u3+b1|m|27708|95|libs|libc6|||POSIX 1003.1e capabilities (library)
libcom-err2|1.47.0-2+b2|m|20044|55|libs|libc6|||common error description library
libcrypt1|1:4.4.33-2|m|89464|233|libs|libc6|||libcrypt shared library
libdb5.3|5.3.28+dfsg2-1|m|697412|1833|libs|libc6|||Berkeley v5.3 Database Libraries [runtime]
libdebconfclient0|0.270|m|9900|37|libs|libc6|||Debian Configuration Management System (C-implementation library)
libext2fs2|1.47.0-2+b2|m|204900|535|libs|libc6|||ext2/ext3/ext4 file system libraries
libffi8|3.4.4-1|m|22856|68|libs|libc6|||Foreign Function Interface library runtime
libgcc-s1|12.2.0-14+deb12u1|m|49856|140|libs|gcc-12-base libc6|||GCC support library
libgcrypt20|1.10.1-3+deb12u1|m|696204|1592|libs|libc6 libgpg-error0||rng-tools-debian|LGPL Crypto library - runtime library
libgmp10|2:6.2.1+dfsg1-1.1|m|562588|855|libs|libc6|||Multiprecision arithmetic library
libgnutls30|3.7.9-2+deb12u7|m|1409084|3396|libs|libc6 libgmp10 libhogweed6 libidn2-0 libnettle8 libp11-kit0 libtasn1-6 libunistring2||gnutls-bin|GNU TLS library - main runtime library
libgpg-error0|1.46-1|m|76888|192|libs|libc6|libgpg-error-l10n||GnuPG development runtime library
libhogweed6|3.8.1-2|m|327524|463|libs|libc6 libgmp10 libnettle8|||low level cryptographic library (public-key cryptos)
libidn2-0|2.3.3-1+b1|m|123636|439|libs|libc6 libunistring2|||Internationalized domain names (IDNA2008/TR46) library
liblz4-1|1.9.4-1|m|62884|169|libs|libc6|||Fast LZ compression algorithm library - runtime
liblzma5|5.4.1-1+deb12u2|sm|205796|333|libs|libc6|||XZ-format compression library
libmd0|1.0.4-2|m|29456|79|libs|libc6|||message digest functions from BSD systems - shared library
libmount1|2.38.1-5+deb12u3|m|165732|454|libs|libblkid1 libc6 libselinux1||cryptsetup-bin|device mounting library
libnettle8|3.8.1-2|m|287764|520|libs|libc6|||low level cryptographic library (symmetric and one-way cryptos)
libp11-kit0|0.24.1-2|m|345080|1408|libs|libc6 libffi8|||library for loading and coordinating access to PKCS#11 modules - runtime
libpam-modules|1.5.2-6+deb12u3|sm|293236|1033|admin|libaudit1 libc6 libcrypt1 libdb5.3 libpam0g libselinux1 debconf libpam-modules-bin|||Pluggable Authentication Modules for PAM
libpam-modules-bin|1.5.2-6+deb12u3|s|76004|228|admin|libaudit1 libc6 libcrypt1 libpam0g libselinux1|||Pluggable Authentication Modules for PAM - helper binaries
libpam-runtime|1.5.2-6+deb12u3|sa|161408|877|admin|debconf libpam-modules|||Runtime support for the PAM library
libpam0g|1.5.2-6+deb12u3|sm|92412|216|libs|libaudit1 libc6 debconf||libpam-doc|Pluggable Authentication Modules library
libpcre2-8-0|10.42-1+deb12u2|sm|261628|685|libs|libc6|||New Perl Compatible Regular Expression Library- 8 bit runtime files
libseccomp2|2.5.4-1+deb12u1|m|46808|148|libs|libc6|||high level interface to Linux seccomp filter
libselinux1|3.4-1+b6|m|73720|199|libs|libc6 libpcre2-8-0|||SELinux runtime shared libraries
libsemanage-common|3.4-1|a|21632|37|libs||||Common files for SELinux policy management libraries
libsemanage2|3.4-1+b5|m|89884|297|libs|libsemanage-common libaudit1 libbz2-1.0 libc6 libselinux1 libsepol2|||SELinux policy management library
libsepol2|3.4-2.1|m|275900|775|libs|libc6|||SELinux library for manipulating binary security policies
libsmartcols1|2.38.1-5+deb12u3|m|106776|289|libs|libc6|||smart column output alignment library
libss2|1.47.0-2+b2|m|24800|71|libs|libcom-err2 libc6|||command-line interface parsing library
libstdc++6|12.2.0-14+deb12u1|m|612604|2686|libs|gcc-12-base libc6 libgcc-s1|||GNU Standard C++ Library v3
libsystemd0|252.39-1~deb12u2|m|332372|909|libs|libc6 libcap2 libgcrypt20 liblz4-1 liblzma5 libzstd1|||systemd utility library
libtasn1-6|4.19.0-2+deb12u1|m|48596|116|libs|libc6|||Manage ASN.1 structures (runtime)
libtinfo6|6.4-4|m|331352|541|libs|libc6|||shared low-level terminfo library for terminal handling
libudev1|252.39-1~deb12u2|m|108880|240|libs|libc6|||libudev shared library
libunistring2|1.0-2|m|436708|1807|libs|libc6|||Unicode string library for C
libuuid1|2.38.1-5+deb12u3|m|28784|79|libs|libc6|uuid-runtime||Universally Unique ID library
libxxhash0|0.8.1-1|m|27584|99|libs|libc6|||shared library for xxhash
libzstd1|1.5.4+dfsg2-5+deb12u1|sm|290236|785|libs|libc6|||fast lossless compression algorithm
login|1:4.13+dfsg1-1+deb12u2||616084|2550|admin|libaudit1 libc6 libcrypt1 libpam0g libpam-runtime libpam-modules|||system login tools
logsave|1.47.0-2+b2||19876|50|admin|libc6|||save the output of a command in a log file
mawk|1.3.4.20200120-3.1||119144|263|interpreters|libc6|||Pattern scanning and text processing language
mount|2.38.1-5+deb12u3||134044|393|admin|libblkid1 libc6 libmount1 libselinux1 libsmartcols1||nfs-common|tools for mounting and manipulating filesystems
ncurses-base|6.4-4|a|261308|379|misc||||basic terminal type definitions
ncurses-bin|6.4-4||421400|636|utils|libc6 libtinfo6|||terminal-related programs and man pages
passwd|1:4.13+dfsg1-1+deb12u2||972180|2827|admin|libaudit1 libc6 libcrypt1 libpam0g libselinux1 libsemanage2 libpam-modules|sensible-utils||change and administer password and group data
perl-base|5.36.0-7+deb12u4|s|1609596|7643|perl|libc6 libcrypt1 dpkg||perl sensible-utils|minimal Perl system
sed|4.9-1+deb12u1||329092|987|utils|libacl1 libc6 libselinux1|||GNU stream editor for filtering/transforming text
sysvinit-utils|3.06-4||30996|100|admin|libc6|||System-V-like utilities
tar|1.34+dfsg-1.2+deb12u1||836288|3144|utils|libacl1 libc6 libselinux1||bzip2 ncompress xz-utils tar-scripts|GNU version of the tar archiving utility
tzdata|2026f-0+deb12u1|sa|307832|2571|localization|debconf|||time zone and daylight-saving time data
usr-is-merged|37~deb12u1|a|5616|13|oldlibs||||Transitional package to assert a merged-/usr system
util-linux|2.38.1-5+deb12u3||1177276|4978|utils|libblkid1 libc6 libcap-ng0 libcrypt1 libmount1 libpam0g libselinux1 libsmartcols1 libsystemd0 libtinfo6 libudev1 libuuid1 zlib1g util-linux-extra|sensible-utils|dosfstools kbd util-linux-locales|miscellaneous system utilities
util-linux-extra|2.38.1-5+deb12u3||110728|366|utils|libaudit1 libc6 libsmartcols1|||interactive login tools
zlib1g|1:1.2.13.dfsg-1|m|86684|168|libs|libc6|||compression library - runtime
`;

/** What a machine of the labs has beside that. */
export const MACHINE = `
apt-utils|2.6.2|s|309596|1037|admin|apt libapt-pkg6.0 libc6 libdb5.3 libgcc-s1 libstdc++6|||package management related utility programs
bind9-dnsutils|1:9.18.49-1~deb12u3|s|158488|501|net|bind9-host bind9-libs libc6 libedit2 libidn2-0 libjemalloc2 libkrb5-3 libprotobuf-c1|||Clients provided with BIND 9
bind9-host|1:9.18.49-1~deb12u3|s|57620|147|net|bind9-libs libc6 libidn2-0 libjemalloc2|||DNS Lookup Utility
bind9-libs|1:9.18.49-1~deb12u3|sm|1185996|3509|libs|libuv1 libc6 libfstrm0 libgssapi-krb5-2 libjemalloc2 libjson-c5 libkrb5-3 liblmdb0 libmaxminddb0 libnghttp2-14 libprotobuf-c1 libssl3 libxml2 zlib1g|||Shared Libraries used by BIND 9
binutils|2.40-2||64980|109|devel|binutils-common libbinutils binutils-x86-64-linux-gnu||binutils-doc|GNU assembler, linker and binary utilities
binutils-common|2.40-2|m|2486664|15021|devel||||Common files for the GNU assembler, linker and binary utilities
binutils-x86-64-linux-gnu|2.40-2||2245848|11428|devel|binutils-common libbinutils libc6 libctf-nobfd0 libctf0 libgcc-s1 libgprofng0 libjansson4 libstdc++6 libzstd1 zlib1g||binutils-doc|GNU binary utilities, for x86-64-linux-gnu target
bridge-utils|1.7.1-1||34452|114|net|libc6||ifupdown|Utilities for configuring the Linux Ethernet bridge
bsdextrautils|2.38.1-5+deb12u3||86968|337|utils|libc6 libsmartcols1 libtinfo6|||extra utilities from 4.4BSD-Lite
busybox|1:1.35.0-4+deb12u1+b1||452120|818|utils|libc6|||Tiny utilities for small and embedded systems
ca-certificates|20250419~deb12u2|sa|160948|388|misc|openssl debconf|||Common CA certificates
conntrack|1:1.4.7-1+b2||35240|117|net|libc6 libmnl0 libnetfilter-conntrack3||nftables|Program to modify the conntrack tables
cpp|4:12.2.0-3||6836|30|interpreters|cpp-12|||GNU C preprocessor (cpp)
cpp-12|12.2.0-14+deb12u1||9767788|33848|interpreters|gcc-12-base libc6 libgmp10 libisl23 libmpc3 libmpfr6 libzstd1 zlib1g||gcc-12-locales|GNU C preprocessor
cron|3.0pl1-162||73084|217|admin|init-system-helpers cron-daemon-common libc6 libpam0g libselinux1 sensible-utils libpam-runtime|exim4-daemon-light|anacron logrotate checksecurity|process scheduling daemon
cron-daemon-common|3.0pl1-162|a|12660|44|admin|adduser|||process scheduling daemon's configuration files
curl|7.88.1-10+deb12u15||315764|489|web|libc6 libcurl4 zlib1g|||command line tool for transferring data with URL syntax
dmsetup|2:1.02.185-2||82040|246|admin|libc6 libdevmapper1.02.1|||Linux Kernel Device Mapper userspace library
ethtool|1:6.1-1||196612|668|net|libc6 libmnl0|||display or change Ethernet device settings
file|1:5.44-3||42472|79|utils|libc6 libmagic1|||Recognize the type of data in a file using "magic" numbers
gcc|4:12.2.0-3||5216|47|devel|cpp gcc-12|libc6-dev|gcc-multilib make manpages-dev autoconf automake libtool|GNU C compiler
gcc-12|12.2.0-14+deb12u1||19268852|68236|devel|cpp-12 gcc-12-base libcc1-0 binutils libgcc-12-dev libc6 libgcc-s1 libgmp10 libisl23 libmpc3 libmpfr6 libstdc++6 libzstd1 zlib1g|libc6-dev|gcc-12-multilib gcc-12-locales|GNU C compiler
groff-base|1.22.4-10||915864|3673|text|libc6 libgcc-s1 libstdc++6 libuchardet0||groff|GNU troff text-formatting system (base system components)
inetutils-telnet|2:2.4-2+deb12u3||120880|257|net|libc6 libcom-err2 libk5crypto3 libkrb5-3 libtinfo6 netbase|||telnet client
iproute2|6.1.0-3||1045828|3516|net|debconf libbpf1 libbsd0 libc6 libcap2 libdb5.3 libelf1 libmnl0 libselinux1 libtirpc3 libxtables12 libcap2-bin|libatm1|iproute2-doc python3|networking and traffic control tools
ipset|7.17-1||45656|138|net|libc6 libipset13|iptables||administration tool for kernel IP sets
iptables|1.8.9-2||360192|2408|net|libip4tc2 libip6tc2 libxtables12 netbase libc6 libmnl0 libnetfilter-conntrack3 libnfnetlink0 libnftnl11|nftables|firewalld kmod|administration tools for packet filtering and NAT
iputils-ping|3:20221126-1+deb12u1||47172|121|net|libcap2-bin libc6 libcap2 libidn2-0|||Tools to test the reachability of network hosts
jq|1.6-2.1+deb12u3|s|64432|111|utils|libjq1 libc6|||lightweight and flexible command-line JSON processor
less|590-2.1~deb12u2||132044|313|text|libc6 libtinfo6|||pager program similar to more
libapparmor1|3.0.8-3|m|41192|109|libs|libc6|||changehat AppArmor library
libargon2-1|0~20171227-0.3+deb12u1|m|19432|56|libs|libc6|||memory-hard hashing function - runtime library
libasan8|12.2.0-14+deb12u1|m|2192652|8017|libs|gcc-12-base libc6 libgcc-s1|||AddressSanitizer -- a fast memory error detector
libatomic1|12.2.0-14+deb12u1|m|9376|45|libs|gcc-12-base libc6|||support library providing __atomic built-in functions
libbinutils|2.40-2|m|572104|2469|devel|libc6 libzstd1 zlib1g binutils-common|||GNU binary utilities (private shared library)
libbpf1|1:1.1.2-0+deb12u1|m|145032|385|libs|libc6 libelf1 zlib1g|||eBPF helper library (shared library)
libbrotli1|1.0.9-2+deb12u1|sm|274704|783|libs|libc6|||library implementing brotli encoder and decoder (shared libraries)
libbsd0|0.11.7-2|m|117416|202|libs|libc6 libmd0|||utility functions from BSD systems - shared library
libcap2-bin|1:2.66-4+deb12u3+b1||35220|133|utils|libc6 libcap2|libpam-cap||POSIX 1003.1e capabilities (utilities)
libcbor0.8|0.8.0-2+b1|m|27436|98|libs|libc6|||library for parsing and generating CBOR (RFC 7049)
libcc1-0|12.2.0-14+deb12u1|m|41736|136|libs|gcc-12-base libc6 libgcc-s1 libstdc++6|||GCC cc1 plugin for GDB
libcryptsetup12|2:2.6.1-4~deb12u2|m|223344|563|libs|libargon2-1 libblkid1 libc6 libdevmapper1.02.1 libjson-c5 libssl3 libuuid1|||disk encryption support - shared library
libctf-nobfd0|2.40-2|m|153384|301|devel|libc6 zlib1g|||Compact C Type Format library (runtime, no BFD dependency)
libctf0|2.40-2|m|89796|232|devel|libbinutils libc6 zlib1g|||Compact C Type Format library (runtime, BFD dependency)
libcurl4|7.88.1-10+deb12u15|m|392184|840|libs|libbrotli1 libc6 libgssapi-krb5-2 libidn2-0 libldap-2.5-0 libnghttp2-14 libpsl5 librtmp1 libssh2-1 libssl3 libzstd1 zlib1g|ca-certificates||easy-to-use client-side URL transfer library (OpenSSL flavour)
libdbus-1-3|1.14.10-1~deb12u1|m|201240|468|libs|libc6 libsystemd0|dbus||simple interprocess messaging system (library)
libdevmapper1.02.1|2:1.02.185-2|m|132796|474|libs|libc6 libselinux1 libudev1 dmsetup|||Linux Kernel Device Mapper userspace library
libedit2|3.1-20221030-2|m|92992|258|libs|libbsd0 libc6 libtinfo6|||BSD editline and history libraries
libelf1|0.188-2.1|m|173796|1036|libs|libc6 zlib1g|||library to read and write ELF files
libexpat1|2.5.0-1+deb12u5|sm|107940|414|libs|libc6|||XML parsing C library - runtime library
libfdisk1|2.38.1-5+deb12u3|m|193624|533|libs|libblkid1 libc6 libuuid1|||fdisk partitioning library
libfido2-1|1.12.0-2+b1|m|77216|241|libs|libc6 libcbor0.8 libssl3 libudev1 zlib1g|||library for generating and verifying FIDO 2.0 objects
libfstrm0|0.6.1-1|m|21596|70|libs|libc6|||Frame Streams (fstrm) library
libgcc-12-dev|12.2.0-14+deb12u1|m|2437204|14284|libdevel|gcc-12-base libgcc-s1 libgomp1 libitm1 libatomic1 libasan8 liblsan0 libtsan2 libubsan1 libquadmath0|libc6-dev||GCC support library (development files)
libgdbm-compat4|1.23-3|m|48156|70|libs|libc6 libgdbm6|||GNU dbm database routines (legacy support runtime version) 
libgdbm6|1.23-3|m|72248|129|libs|libc6||gdbm-l10n|GNU dbm database routines (runtime version) 
libgomp1|12.2.0-14+deb12u1|m|115772|312|libs|gcc-12-base libc6|||GCC OpenMP (GOMP) support library
libgpm2|1.20.7-10+b1|m|14216|45|libs|libc6||gpm|General Purpose Mouse - shared library
libgprofng0|2.40-2|m|812120|3958|devel|libbinutils libc6 libgcc-s1 libstdc++6 zlib1g|||GNU Next Generation profiler (runtime library)
libgssapi-krb5-2|1.20.1-2+deb12u5|m|135168|425|libs|libc6 libcom-err2 libk5crypto3 libkrb5-3 libkrb5support0||krb5-doc krb5-user|MIT Kerberos runtime libraries - krb5 GSS-API Mechanism
libicu72|72.1-3+deb12u1|m|9376124|36170|libs|libc6 libgcc-s1 libstdc++6|||International Components for Unicode
libip4tc2|1.8.9-2|m|19016|66|libs|libc6|||netfilter libip4tc library
libip6tc2|1.8.9-2|m|19416|66|libs|libc6|||netfilter libip6tc library
libipset13|7.17-1|m|67504|265|libs|libc6 libmnl0|||library for IP sets
libisl23|0.25-1.1|m|683060|2302|libs|libc6 libgmp10|||manipulating sets and relations of integer points bounded by linear constraints
libitm1|12.2.0-14+deb12u1|m|26140|115|libs|gcc-12-base libc6|||GNU Transactional Memory Library
libjansson4|2.14-2|m|40788|101|libs|libc6|||C library for encoding, decoding and manipulating JSON data
libjemalloc2|5.3.0-1|m|275000|872|libs|libc6 libgcc-s1 libstdc++6|||general-purpose scalable concurrent malloc(3) implementation
libjq1|1.6-2.1+deb12u3|sm|136460|366|libs|libc6 libonig5|||lightweight and flexible command-line JSON processor - shared library
libjson-c5|0.16-2|m|44120|109|libs|libc6|||JSON manipulation library - shared library
libk5crypto3|1.20.1-2+deb12u5|m|79712|261|libs|libc6 libkrb5support0||krb5-doc krb5-user|MIT Kerberos runtime libraries - Crypto Library
libkeyutils1|1.6.3-2|m|8808|40|libs|libc6|||Linux Key Management Utilities (library)
libkmod2|30+20221128-1|m|57892|141|libs|libc6 liblzma5 libssl3 libzstd1|||libkmod shared library
libkrb5-3|1.20.1-2+deb12u5|m|332280|1077|libs|libc6 libcom-err2 libk5crypto3 libkeyutils1 libkrb5support0 libssl3|krb5-locales|krb5-doc krb5-user|MIT Kerberos runtime libraries
libkrb5support0|1.20.1-2+deb12u5|m|33212|134|libs|libc6|||MIT Kerberos runtime libraries - Support library
libldap-2.5-0|2.5.13+dfsg-5|m|183248|553|libs|libc6 libgnutls30 libsasl2-2|libldap-common||OpenLDAP libraries
liblmdb0|0.9.24-1|m|44996|104|libs|libc6|||Lightning Memory-Mapped Database shared library
liblsan0|12.2.0-14+deb12u1|m|969300|2942|libs|gcc-12-base libc6 libgcc-s1|||LeakSanitizer -- a memory leak detector (runtime)
libmagic-mgc|1:5.44-3||304888|8130|libs||||File type determination library using "magic" numbers (compiled magic file)
libmagic1|1:5.44-3|m|103752|232|libs|libbz2-1.0 libc6 liblzma5 zlib1g libmagic-mgc||file|Recognize the type of data in a file using "magic" numbers - library
libmaxminddb0|1.7.1-1|m|29812|76|libs|libc6||mmdb-bin|IP geolocation database library
libmnl0|1.0.4-3|m|12476|46|libs|libc6|||minimalistic Netlink communication library
libmpc3|1.3.1-1|m|51480|149|libs|libc6 libgmp10 libmpfr6|||multiple precision complex floating-point library
libmpfr6|4.2.0-1|m|700900|1177|libs|libc6 libgmp10|||multiple precision floating-point computation
libncursesw6|6.4-4|m|133824|412|libs|libtinfo6 libc6|libgpm2||shared libraries for terminal handling (wide character support)
libnetfilter-conntrack3|1.0.9-3|m|40704|139|libs|libc6 libmnl0 libnfnetlink0|||Netfilter netlink-conntrack library
libnfnetlink0|1.0.2-2|m|15132|51|libs|libc6|||Netfilter netlink library
libnftnl11|1.2.4-2|m|61632|233|libs|libc6 libmnl0|||Netfilter nftables userspace API library
libnghttp2-14|1.52.0-1+deb12u3|m|72404|220|libs|libc6|||library implementing HTTP/2 protocol (shared library)
libnsl2|1.3.0-2|m|39480|127|libs|libc6 libtirpc3|||Public client interface for NIS(YP) and NIS+
libonig5|6.9.8-1|m|187828|666|libs|libc6|||regular expressions library
libpcap0.8|1.10.3-1|m|156700|368|libs|libc6 libdbus-1-3|||system interface for user-level packet capture
libperl5.36|5.36.0-7+deb12u4|sm|4207640|28875|libs|libbz2-1.0 libc6 libcrypt1 libdb5.3 libgdbm-compat4 libgdbm6 zlib1g perl-modules-5.36||sensible-utils|shared Perl library
libpipeline1|1.5.7-1|m|38540|96|libs|libc6|||Unix process pipeline manipulation library
libproc2-0|2:4.0.2-3|m|62804|232|libs|libc6 libsystemd0|||library for accessing process information from /proc
libprotobuf-c1|1.4.1-1+b1|m|27492|69|libs|libc6|||Protocol Buffers C shared library (protobuf-c)
libpsl5|0.21.2-1|m|58684|96|libs|libidn2-0 libc6 libunistring2|publicsuffix||Library for Public Suffix List (shared libraries)
libpython3-stdlib|3.11.2-1+b1|m|9312|27|python|libpython3.11-stdlib|||interactive high-level object-oriented language (default python3 version)
libpython3.11-minimal|3.11.2-6+deb12u9|sm|820928|5232|python|libc6 libssl3|libpython3.11-stdlib||Minimal subset of the Python language (version 3.11)
libpython3.11-stdlib|3.11.2-6+deb12u9|sm|1798408|8334|python|libpython3.11-minimal media-types libbz2-1.0 libc6 libcrypt1 libdb5.3 libffi8 liblzma5 libncursesw6 libnsl2 libreadline8 libsqlite3-0 libtinfo6 libtirpc3 libuuid1|||Interactive high-level object-oriented language (standard library, version 3.11)
libquadmath0|12.2.0-14+deb12u1|m|144616|292|libs|gcc-12-base libc6|||GCC Quad-Precision Math Library
libreadline8|8.2-1.3|m|165760|475|libs|readline-common libc6 libtinfo6|||GNU readline and history libraries, run-time libraries
librtmp1|2.4+20151223.gitfa8646d.1-2+b2|m|60824|146|libs|libc6 libgmp10 libgnutls30 libhogweed6 libnettle8 zlib1g|||toolkit for RTMP streams (shared library)
libsasl2-2|2.1.28+dfsg-10+deb12u1|sm|59908|167|libs|libsasl2-modules-db libc6|libsasl2-modules||Cyrus SASL - authentication abstraction library
libsasl2-modules-db|2.1.28+dfsg-10+deb12u1|sm|20524|77|libs|libc6 libdb5.3|||Cyrus SASL - pluggable authentication modules (DB)
libsodium23|1.0.18-1+deb12u1|m|162044|415|libs|libc6|||Network communication, cryptography and signaturing library
libsqlite3-0|3.40.1-2+deb12u2|m|838808|1682|libs|libc6|||SQLite 3 shared library
libssh2-1|1.10.0-3+deb12u1|sm|175976|353|libs|libc6 libssl3 zlib1g|||SSH2 client-side library
libssl3|3.0.22-1~deb12u2|sm|2039888|6042|libs|libc6|||Secure Sockets Layer toolkit - shared libraries
libsystemd-shared|252.39-1~deb12u2|m|1696184|5350|libs|libacl1 libapparmor1 libaudit1 libblkid1 libc6 libcap2 libcrypt1 libgcrypt20 libip4tc2 libkmod2 liblz4-1 liblzma5 libmount1 libpam0g libseccomp2 libselinux1 libssl3 libzstd1|||systemd shared private library
libtirpc-common|1.3.3+ds-1|a|14048|35|libs||||transport-independent RPC library - common files
libtirpc3|1.3.3+ds-1|m|85192|226|libs|libc6 libgssapi-krb5-2 libtirpc-common|||transport-independent RPC library
libtsan2|12.2.0-14+deb12u1|m|2196972|7815|libs|gcc-12-base libc6 libgcc-s1|||ThreadSanitizer -- a Valgrind-based detector of data races (runtime)
libubsan1|12.2.0-14+deb12u1|m|883056|2652|libs|gcc-12-base libc6 libgcc-s1 libstdc++6|||UBSan -- undefined behaviour sanitizer (runtime)
libuchardet0|0.0.7-1|m|67816|208|libs|libc6 libgcc-s1 libstdc++6|||universal charset detection library - shared library
libunwind8|1.6.2-3|m|51172|196|libs|libc6 liblzma5|||library to determine the call-chain of a program - runtime
libuv1|1.44.2-1+deb12u1|m|135616|294|libs|libc6|||asynchronous event notification library - runtime library
libwrap0|7.6.q-32|m|54936|110|libs|libc6 libnsl2|||Wietse Venema's TCP wrappers library
libxml2|2.9.14+dfsg-1.3~deb12u6|m|688760|1867|libs|libc6 libicu72 liblzma5 zlib1g|||GNOME XML library
libxtables12|1.8.9-2|m|30752|101|libs|libc6|||netfilter xtables library
lsb-base|11.6|a|4584|12|misc|sysvinit-utils|||transitional package for Linux Standard Base init script functionality
make|4.3-4.1||395632|1592|devel|libc6|||utility for directing compilation
man-db|2.11.2-2||1385848|2963|doc|bsdextrautils groff-base debconf libc6 libgdbm6 libpipeline1 libseccomp2 zlib1g||apparmor groff less chromium|tools for reading manual pages
media-types|10.0.0|a|26136|92|net||||List of standard media types and their usual file extension
nano|7.2-1+deb12u1||689556|2804|editors|libc6 libncursesw6 libtinfo6||hunspell|small, friendly text editor inspired by Pico
net-tools|2.10-0.1+deb12u2||243404|978|net|libc6 libselinux1|||NET-3 networking toolkit
netbase|6.4|a|12800|36|admin||||Basic TCP/IP networking system
netcat-openbsd|1.219-1||41520|108|net|libbsd0 libc6|||TCP/IP swiss army knife
netcat-traditional|1.10-47||67876|143|net|libc6|||TCP/IP swiss army knife
openssh-client|1:9.2p1-2+deb12u10||993532|5801|net|adduser passwd libc6 libedit2 libfido2-1 libgssapi-krb5-2 libselinux1 libssl3 zlib1g|xauth|keychain ssh-askpass|secure shell (SSH) client, for secure access to remote machines
openssh-server|1:9.2p1-2+deb12u10||456584|1930|net|init-system-helpers adduser libpam-modules libpam-runtime lsb-base openssh-client openssh-sftp-server procps ucf debconf runit-helper libaudit1 libc6 libcom-err2 libcrypt1 libgssapi-krb5-2 libkrb5-3 libpam0g libselinux1 libssl3 libsystemd0 libwrap0 zlib1g|libpam-systemd ncurses-term xauth|molly-guard ssh-askpass ufw|secure shell (SSH) server, for secure access from remote machines
openssh-sftp-server|1:9.2p1-2+deb12u10||65928|217|net|openssh-client libc6|openssh-server||secure shell (SSH) sftp server module, for SFTP access from remote machines
openssl|3.0.22-1~deb12u2|s|1441784|2315|utils|libc6 libssl3||ca-certificates|Secure Sockets Layer toolkit - cryptographic utility
perl|5.36.0-7+deb12u4|s|239392|670|perl|dpkg perl-base perl-modules-5.36 libperl5.36|netbase|perl-doc libterm-readline-gnu-perl make libtap-harness-archive-perl|Larry Wall's Practical Extraction and Report Language
perl-modules-5.36|5.36.0-7+deb12u4|sa|2817356|17821|libs|dpkg perl-base|perl||Core Perl modules
procps|2:4.0.2-3||708712|2091|admin|libc6 libncursesw6 libproc2-0 libtinfo6 init-system-helpers|psmisc||/proc file system utilities
psmisc|23.6-1||258696|909|admin|libc6 libtinfo6|||utilities that use the proc file system
python3|3.11.2-1+b1||26300|81|python|python3-minimal python3.11 libpython3-stdlib||python3-doc python3-tk python3-venv|interactive high-level object-oriented language (default python3 version)
python3-minimal|3.11.2-1+b1||26312|111|python|python3.11-minimal dpkg|||minimal subset of the Python language (default python3 version)
python3.11|3.11.2-6+deb12u9|s|575032|651|python|python3.11-minimal libpython3.11-stdlib media-types|ca-certificates|python3.11-venv python3.11-doc binutils|Interactive high-level object-oriented language (version 3.11)
python3.11-minimal|3.11.2-6+deb12u9|s|2054684|6743|python|libc6 libpython3.11-minimal libexpat1 zlib1g|python3.11|binfmt-support|Minimal subset of the Python language (version 3.11)
readline-common|8.2-1.3|a|68988|89|utils|dpkg||readline-doc|GNU readline and history libraries, common files
runit-helper|2.15.2|a|6520|19|admin||||dh-runit implementation detail
sensible-utils|0.0.17+nmu1|a|19020|56|utils||||Utilities for sensible alternative selection
strace|6.1-0.1||1313880|2839|utils|libc6 libunwind8|||System call tracer
sudo|1.9.13p3-1+deb12u4||1890344|6055|admin|init-system-helpers libaudit1 libc6 libpam0g libselinux1 zlib1g libpam-modules|||Provide limited super user privileges to specific users
systemd|252.39-1~deb12u2||3043940|9668|admin|libblkid1 libc6 libcap2 libgcrypt20 liblz4-1 liblzma5 libmount1 libselinux1 libssl3 libzstd1 libacl1 libaudit1 libcryptsetup12 libfdisk1 libkmod2 libp11-kit0 libseccomp2 libsystemd-shared libsystemd0 mount|dbus systemd-timesyncd|systemd-container systemd-homed systemd-userdbd systemd-boot systemd-resolved libfido2-1|system and service manager
systemd-sysv|252.39-1~deb12u2||42884|74|admin|systemd|libpam-systemd libnss-systemd||system and service manager - SysV compatibility symlinks
tcpdump|4.99.3-1||466880|1332|net|adduser libc6 libpcap0.8 libssl3||apparmor|command-line network traffic analyzer
telnet|0.17+2.4-2+deb12u3|a|41896|54|oldlibs|inetutils-telnet|||transitional dummy package for inetutils-telnet default switch
traceroute|1:2.1.2-1||51456|155|net|libc6|||Traces the route taken by packets over an IPv4/IPv6 network
ucf|3.0043+nmu1+deb12u1|a|55312|214|utils|debconf sensible-utils|||Update Configuration File(s): preserve user changes to config files
vim|2:9.0.1378-2+deb12u2||1567756|3650|editors|vim-common vim-runtime libacl1 libc6 libgpm2 libselinux1 libsodium23 libtinfo6||exuberant-ctags vim-doc vim-scripts|Vi IMproved - enhanced vi editor
vim-common|2:9.0.1378-2+deb12u2|a|124836|245|editors||xxd vim||Vi IMproved - Common files
vim-runtime|2:9.0.1378-2+deb12u2|a|7026844|36406|editors||vim||Vi IMproved - Runtime files
wget|1.21.3-1+deb12u1||937340|3521|web|libc6 libgnutls30 libidn2-0 libnettle8 libpcre2-8-0 libpsl5 libuuid1 zlib1g|ca-certificates||retrieves files from the web
`;
