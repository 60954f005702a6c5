# Set-up steps that ./run and ./test share. Source it from the repository's root.
# Every step says what it does, how long it took, and does nothing where nothing is to be done.

cache=${SEKISHO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sekisho}
build=build/release
dry_run=${dry_run:-}
jobs=$(nproc)

say() { printf '%s\n' "$*"; }
die() { printf '\n%s\n' "$*" >&2; exit 1; }

# step TITLE COMMAND...: runs the command, its output into build/setup.log, with a line that shows the seconds.
step() {
  local title=$1 start=$SECONDS; shift
  if [[ -n $dry_run ]]; then say "  [予定] $title: $*"; return; fi
  mkdir -p build
  if [[ -t 1 ]]; then
    "$@" >> build/setup.log 2>&1 & local pid=$!
    while kill -0 "$pid" 2> /dev/null; do
      printf '\r  … %s %d 秒  %s\033[K' "$title" $((SECONDS - start)) "$(tail -c 200 build/setup.log | tr '\r' '\n' | tail -n 1 | cut -c1-60)"
      sleep 0.5
    done
    printf '\r\033[K'
    wait "$pid" || failed "$title"
  else
    say "  … $title"
    "$@" >> build/setup.log 2>&1 || failed "$title"
  fi
  say "  ✓ $title（$((SECONDS - start)) 秒）"
}
failed() { tail -n 40 build/setup.log >&2; die "「$1」ができませんでした。上の記録（build/setup.log の終わり）を見てください。もう一度実行すると、続きから行います。"; }

# changed STAMP PATH...: whether anything under the paths is newer than the stamp.
changed() {
  local stamp=$1; shift
  [[ ! -e $stamp ]] || [[ -n $(find "$@" -not -path '*/node_modules/*' -not -path '*/dist/*' -newer "$stamp" -print -quit 2> /dev/null) ]]
}

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo -n "$@" 2> /dev/null || sudo "$@"; fi; }

# packages KIND...: installs what is missing of packaging/packages.txt.
packages() {
  local wanted missing
  wanted=$(for kind in "$@"; do sed -n "s/^$kind //p" packaging/packages.txt; done)
  # A program that is there already, from wherever, is as good as its package.
  if command -v node > /dev/null && command -v npm > /dev/null; then wanted=$(grep -vx -e nodejs -e npm <<< "$wanted"); fi
  missing=$(for name in $wanted; do dpkg-query -W -f '${Status}' "$name" 2> /dev/null | grep -q '^install ok installed$' || echo "$name"; done)
  [[ -z $missing ]] && return
  [[ -n $(command -v apt-get) ]] || die "Debian のパッケージが要ります: $(tr '\n' ' ' <<< "$missing")"
  step "パッケージの一覧を新しくする" as_root apt-get update -q
  # shellcheck disable=SC2086
  step "パッケージを入れる（$(wc -w <<< "$missing") 個）" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

# configure TESTS(ON|OFF)
configure() { cmake --preset release -DSEKISHO_TESTS="$1" -DSEKISHO_ASAN_TESTS="$1"; }

web() {
  [[ -d web ]] && changed build/web.stamp web || return 0
  [[ -d web/node_modules && ! web/package-lock.json -nt web/node_modules/.package-lock.json ]] || step "画面の部品を取り寄せる（npm）" npm --prefix web ci --no-audit --no-fund
  step "画面を作る" npm --prefix web run build
  [[ -n $dry_run ]] || touch build/web.stamp
}

programs() {
  changed build/programs.stamp src cmake CMakeLists.txt CMakePresets.json tools/fetch_llama || return 0
  step "作る準備をする（llama.cpp を取り寄せる）" configure "${1:-OFF}"
  step "プログラムを作る（2コアで約10分、2回目からは数秒）" cmake --build $build -j "$jobs" --target sekisho sekisho-model sekisho-extract
  [[ -n $dry_run ]] || touch build/programs.stamp
}

# model NAME: makes sure that a model of the catalog is in the cache.
model() {
  [[ -n $dry_run ]] && { say "  [予定] モデル $1 を取り寄せる → $cache/models"; return; }
  $build/bin/sekisho model fetch "$1"
}
