#include "tests/photo/attacks.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace photolift::attacks {

namespace {

sockaddr_in loopback(quint16 port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool hasSocket(int family, int type, int protocol = 0)
{
    return ::socket(family, type, protocol) >= 0;
}

/// `target` ends with the port of the server.
bool connectsToServer(const QByteArray &target)
{
    const sockaddr_in address = loopback(target.mid(target.lastIndexOf(':') + 1).toUShort());
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    return ::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
}

bool listens(const QByteArray &)
{
    const sockaddr_in address = loopback(0);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    return ::bind(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 && ::listen(socket, 1) == 0;
}

bool sendsDatagram(const QByteArray &)
{
    const sockaddr_in address = loopback(53);
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    return ::sendto(socket, "x", 1, 0, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 1;
}

/// For example those of a desktop's session, whose names are in no file system.
bool opensLocalSocket(const QByteArray &)
{
    return hasSocket(AF_UNIX, SOCK_STREAM);
}

bool opensSocketSix(const QByteArray &)
{
    return hasSocket(AF_INET6, SOCK_STREAM);
}

bool opensRawSocket(const QByteArray &)
{
    return hasSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

bool opensPacketSocket(const QByteArray &)
{
    return hasSocket(AF_PACKET, SOCK_RAW);
}

bool asksKernelForNetwork(const QByteArray &)
{
    return hasSocket(AF_NETLINK, SOCK_RAW);
}

bool makesUsers(const QByteArray &)
{
    return ::unshare(CLONE_NEWUSER) == 0;
}

bool entersNamespace(const QByteArray &)
{
    return ::setns(::open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC), 0) == 0;
}

bool mounts(const QByteArray &)
{
    return ::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0;
}

bool unmounts(const QByteArray &)
{
    return ::umount2("/usr/lib", MNT_DETACH) == 0;
}

bool changesRoot(const QByteArray &)
{
    return ::chroot("/usr") == 0;
}

bool becomesRoot(const QByteArray &)
{
    return ::setuid(0) == 0;
}

bool takesRights(const QByteArray &)
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct all[_LINUX_CAPABILITY_U32S_3]{{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}};
    return ::syscall(SYS_capset, &header, all) == 0;
}

bool readsKeys(const QByteArray &)
{
    constexpr int GetKeyring = 0, Session = -3;
    return ::syscall(SYS_keyctl, GetKeyring, Session, 1) >= 0;
}

bool addsKey(const QByteArray &)
{
    constexpr int Process = -2;
    return ::syscall(SYS_add_key, "user", "name", "x", 1, Process) >= 0;
}

bool opensRing(const QByteArray &)
{
    char parameters[120]{};
    return ::syscall(SYS_io_uring_setup, 4, parameters) >= 0;
}

bool handlesPageFaults(const QByteArray &)
{
    constexpr int UserModeOnly = 1;
    return ::syscall(SYS_userfaultfd, O_CLOEXEC | UserModeOnly) >= 0;
}

bool loadsKernelProgram(const QByteArray &)
{
    bpf_attr attributes{};
    attributes.map_type = BPF_MAP_TYPE_ARRAY;
    attributes.key_size = attributes.value_size = 4;
    attributes.max_entries = 1;
    return ::syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes) >= 0;
}

bool countsEvents(const QByteArray &)
{
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = PERF_TYPE_SOFTWARE;
    attributes.exclude_kernel = 1;
    return ::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0) >= 0;
}

bool sharesMemory(const QByteArray &)
{
    const int id = ::shmget(IPC_PRIVATE, 4096, 0600);
    return id >= 0 && ::shmctl(id, IPC_RMID, nullptr) == 0;
}

bool typesAtTerminal(const QByteArray &)
{
    return ::ioctl(STDOUT_FILENO, TIOCSTI, "x") == 0 || errno == ENOTTY; // ENOTTY: it was asked, and only this is no terminal
}

bool setsClock(const QByteArray &)
{
    const timespec now{1, 0};
    return ::clock_settime(CLOCK_REALTIME, &now) == 0;
}

/// A harmless one of its commands.
bool reboots(const QByteArray &)
{
    return ::reboot(RB_DISABLE_CAD) == 0;
}

bool makesDataExecutable(const QByteArray &)
{
    return ::personality(READ_IMPLIES_EXEC) >= 0;
}

bool changesSegments(const QByteArray &)
{
    char table[16]{};
    return ::syscall(SYS_modify_ldt, 0, table, sizeof table) >= 0;
}

bool raisesLimit(const QByteArray &)
{
    const rlimit much{RLIM_INFINITY, RLIM_INFINITY};
    return ::setrlimit(RLIMIT_AS, &much) == 0;
}

bool choosesProcessor(const QByteArray &)
{
    cpu_set_t processors;
    CPU_ZERO(&processors);
    CPU_SET(0, &processors);
    return ::sched_setaffinity(0, sizeof processors, &processors) == 0;
}

/// Address space; what is never touched costs the machine nothing.
bool takesMuchMemory(const QByteArray &)
{
    constexpr qint64 Piece = 64LL * 1024 * 1024, Much = 4096LL * 1024 * 1024;
    for (qint64 taken = 0; taken < Much; taken += Piece) {
        if (::mmap(nullptr, Piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED)
            return false;
    }
    return true;
}

#ifdef __x86_64__
/// The number of getpid() in the tables of x32 and of 32-bit programs, which mean other calls than ours.
bool callsAsX32(const QByteArray &)
{
    return ::syscall(0x40000000 | SYS_getpid) > 0;
}

bool callsAsOldProgram(const QByteArray &)
{
    long answer = 20;
    asm volatile("int $0x80" : "+a"(answer) : : "r8", "r9", "r10", "r11", "memory");
    return answer > 0;
}
#endif

} // namespace

QList<Attack> onNetwork()
{
    return {{"connect to the server", connectsToServer, true},
            {"listen", listens, true},
            {"send a datagram", sendsDatagram},
            {"open a socket of this machine", opensLocalSocket, true},
            {"open a socket of IPv6", opensSocketSix},
            {"open a raw socket", opensRawSocket},
            {"open a packet socket", opensPacketSocket},
            {"ask the kernel for the network", asksKernelForNetwork, true}};
}

QList<Attack> onSystem()
{
    return {{"make a namespace", makesUsers},
            {"enter a namespace", entersNamespace},
            {"mount", mounts},
            {"unmount", unmounts},
            {"change the root", changesRoot},
            {"become root", becomesRoot},
            {"take rights", takesRights},
            {"read keys", readsKeys},
            {"add a key", addsKey},
            {"open a ring of system calls", opensRing},
            {"handle page faults", handlesPageFaults},
            {"load a program into the kernel", loadsKernelProgram},
            {"count events", countsEvents},
            {"share memory", sharesMemory, true},
            {"type at the terminal", typesAtTerminal},
            {"set the clock", setsClock},
            {"reboot", reboots},
            {"make all data executable", makesDataExecutable},
            {"change its segments", changesSegments},
            {"raise a limit", raisesLimit},
            {"choose its processor", choosesProcessor, true},
#ifdef __x86_64__
            {"call the system as an x32 program", callsAsX32},
            {"call the system as a 32-bit program", callsAsOldProgram},
#endif
            {"take 4 GiB", takesMuchMemory, true}};
}

QList<Attack> all()
{
    return onFiles() + onProcesses() + onNetwork() + onSystem();
}

} // namespace photolift::attacks
