"""An interactive shell on a pseudo terminal runs the launcher (argv[1:]) with a sleep; Ctrl-Z, fg and Ctrl-C as at a keyboard."""
import os, pty, select, sys, time

pid, tty = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "--norc", "--noediting", "-i"])
seen = ""


def wait_for(text, seconds=30):
    global seen
    end = time.time() + seconds
    while text not in seen:
        if time.time() > end:
            print("no", repr(text), "in", repr(seen))
            sys.exit(1)
        if select.select([tty], [], [], 0.05)[0]:
            seen += os.read(tty, 65536).decode(errors="replace")
    seen = seen.split(text, 1)[1]


def say(text):
    os.write(tty, text.encode())


say("PS1='p''rompt '\n")
wait_for("prompt ")
# a shell that starts programs may not be stopped in the midst of a vfork(): so it waits for a line
say(" ".join(sys.argv[1:]) + " sh -c 'trap \"echo caught; exit 9\" INT; echo start''ed; while :; do read line; done'\n")
wait_for("started")
say("\x1a")
wait_for("Stopped")
say("fg; echo status $?\n")
time.sleep(0.2)
say("\x03")
wait_for("caught")
wait_for("status 9")
say(" ".join(sys.argv[1:]) + " sleep 50\n")
time.sleep(0.5)
say("\x03")
wait_for("prompt ")
say("echo status $?\n")
wait_for("status 130")
say("exit\n")
print("all as at a keyboard")
